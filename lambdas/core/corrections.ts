import type { Header } from './detect/header.ts';

/** Rejected row that a row of another file corrects. */
export interface Correction {
  /** Id of the object version that has the rejected row. */
  readonly file: string;
  /** Line of the rejected row in that file. */
  readonly line: number;
}

/** Reads which rejected row a record corrects; undefined if it does not say so. */
export type ReadCorrection = (fields: readonly string[]) => Correction | undefined;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LINE = /^[1-9]\d{0,8}$/;

/** Makes the reader of a file's corrections. @returns undefined if the header lacks one of the two columns */
export function createCorrectionReader({ titles }: Header): ReadCorrection | undefined {
  const names = titles.map((title) => title.toLowerCase());
  const fileIndex = names.indexOf('reject_file');
  const lineIndex = names.indexOf('reject_line');
  if (fileIndex < 0 || lineIndex < 0) return undefined;
  return (fields) => {
    const file = fields[fileIndex]?.trim().toLowerCase() ?? '';
    const line = fields[lineIndex]?.trim() ?? '';
    return UUID.test(file) && LINE.test(line) ? { file, line: Number(line) } : undefined;
  };
}
