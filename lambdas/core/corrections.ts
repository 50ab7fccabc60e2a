import type { Header } from './detect/header.ts';
import type { Dialect } from './source/csv/dialect.ts';
import type { SourceRecord } from './source/record.ts';

/** Rejected row that a row of another file corrects. */
export interface Correction {
  /** Id of the object version that has the rejected row. */
  readonly file: string;
  /** Line of the rejected row in that file. */
  readonly line: number;
}

/** Reads which rejected row a record corrects; undefined if it does not say so. */
export type ReadCorrection = (record: SourceRecord) => Correction | undefined;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LINE = /^[1-9]\d{0,8}$/;

/** Makes the reader of a file's corrections. @returns undefined if the header lacks one of the two columns */
export function createCorrectionReader(
  { titles }: Header,
  { delimiter, quote }: Dialect,
): ReadCorrection | undefined {
  const names = titles.map((title) => title.toLowerCase());
  const fileIndex = names.indexOf('reject_file');
  const lineIndex = names.indexOf('reject_line');
  if (fileIndex < 0 || lineIndex < 0) return undefined;
  const last = Math.max(fileIndex, lineIndex);
  return ({ fields, text = '' }) => {
    const values = fields ?? splitBroken(text, last, delimiter, quote);
    const file = values[fileIndex]?.trim().toLowerCase() ?? '';
    const line = values[lineIndex]?.trim() ?? '';
    return UUID.test(file) && LINE.test(line) ? { file, line: Number(line) } : undefined;
  };
}

/**
 * Splits a line with malformed quotes up to a value.
 * @returns an empty list if one of these values has a quote in it, so that it may be the malformed one
 */
function splitBroken(text: string, last: number, delimiter: string, quote: string): string[] {
  const values = text.split(delimiter, last + 1).map((value) => {
    const isQuoted = value.length > 1 && value.startsWith(quote) && value.endsWith(quote);
    return isQuoted ? value.slice(1, -1) : value;
  });
  return values.some((value) => value.includes(quote)) ? [] : values;
}
