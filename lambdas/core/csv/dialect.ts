import Papa from 'papaparse';

/** How a CSV text is written. */
export interface Dialect {
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly quote: '"' | "'";
  /** What ends a line; where it is LF, a CR before it is a blank at the end of the last value. */
  readonly newline: '\n' | '\r';
}

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export const QUOTES = ['"', "'"] as const;

/** What may end the lines of a text, the likelier first: LF, whatever is before it, then CR. */
export function newlinesOf(text: string): [Dialect['newline'], Dialect['newline']?] {
  if (!text.includes('\r')) return ['\n'];
  return text.includes('\n') ? ['\n', '\r'] : ['\r'];
}

/** The record with which a text begins. */
export interface FirstRecord {
  readonly fields: readonly string[];
  /** With the end of its line, in characters. */
  readonly length: number;
}

/** @returns undefined where the quotes of the text's first record are wrong */
export function readFirstRecord(text: string, dialect: Dialect): FirstRecord | undefined {
  let first: FirstRecord | undefined;
  const parser = new Papa.Parser({
    ...papaConfig(dialect),
    step: ({ data, errors, meta }: Papa.ParseStepResult<string[][]>) => {
      if (errors.length === 0) first = { fields: data[0] ?? [''], length: meta.cursor };
      parser.abort();
    },
  });
  parser.parse(text, 0, false);
  return first;
}

/** The dialect as papaparse calls it. */
export function papaConfig({ delimiter, quote, newline }: Dialect): Papa.ParseConfig {
  return { delimiter, quoteChar: quote, newline: newline as '\n' };
}
