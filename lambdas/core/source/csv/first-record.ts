import Papa from 'papaparse';
import type { Dialect } from './dialect.ts';

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
