import { REJECT_CODES, type RejectCode } from '../reject-codes.ts';

/** One record of a file, or one line that belongs to no record. Every line reaches exactly one of them. */
export type SourceRecord =
  | {
      /** The physical line on which the record starts, from 1. */
      readonly line: number;
      /** Values in the order of the header's titles. */
      readonly fields: string[];
      /** Original text; undefined if it is `fields` as one line of the file's dialect. */
      readonly text: string | undefined;
      readonly code: undefined;
    }
  | {
      readonly line: number;
      readonly fields: undefined;
      readonly text: string;
      /** Reason for which the line cannot be read. */
      readonly code: RejectCode;
      /** Title of the column at fault. @default empty: the line as a whole is */
      readonly column?: string;
      /** @default the message of the code */
      readonly message?: string;
    };

/** A line that cannot be read. */
export type BrokenLine = Extract<SourceRecord, { fields: undefined }>;

/** Describes why a line cannot be read. */
export function describeBrokenLine({ code, column = '', message = REJECT_CODES[code] }: BrokenLine) {
  return { column, code, message };
}
