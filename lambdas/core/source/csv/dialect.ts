import Papa from 'papaparse';

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export const QUOTES = ['"', "'"] as const;
/** Line terminator. With LF, a preceding CR is trimmed with the last value. */
export type Newline = '\n' | '\r';

export interface Dialect {
  readonly delimiter: (typeof DELIMITERS)[number];
  readonly quote: (typeof QUOTES)[number];
  readonly newline: Newline;
}

/**
 * Maximum length of a record, in characters. The lines of a longer record are malformed, which bounds memory if a quote
 * is never closed or a line never ends.
 */
export const MAX_RECORD_CHARACTERS = 65_536;

export interface FirstRecord {
  readonly fields: readonly string[];
  /** Length including the line terminator, in characters. */
  readonly length: number;
}

/** @returns undefined if the quotes of the first record are malformed */
export function readFirstRecord(text: string, dialect: Dialect): FirstRecord | undefined {
  let first: FirstRecord | undefined;
  const parser = new Papa.Parser({
    ...toPapaConfig(dialect),
    step: ({ data, errors, meta }: Papa.ParseStepResult<string[][]>) => {
      if (errors.length === 0) first = { fields: data[0]!, length: meta.cursor };
      parser.abort();
    },
  });
  parser.parse(text, 0, false);
  return first;
}

export function toPapaConfig({ delimiter, quote, newline }: Dialect): Papa.ParseConfig {
  return { delimiter, quoteChar: quote, newline: newline as '\n' };
}
