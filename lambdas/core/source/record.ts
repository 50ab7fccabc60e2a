import type { RejectCode } from '../reject-codes.ts';

/** One record of a file, or one line that belongs to no record. Every line reaches exactly one of them. */
export type SourceRecord =
  | {
      /** The physical line on which the record starts, from 1. */
      readonly line: number;
      /** Values in the order of the header's titles. */
      readonly fields: string[];
      /** Original text; undefined if it is `fields` joined by the delimiter. */
      readonly text: string | undefined;
      readonly code: undefined;
    }
  | {
      readonly line: number;
      readonly fields: undefined;
      readonly text: string;
      /** Reason for which the line cannot be read. */
      readonly code: RejectCode;
    };
