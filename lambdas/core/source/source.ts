import type { DetectedFormat } from '../detect/detect-format.ts';
import type { Failure } from '../reject-codes.ts';
import type { FormatSummary } from '../row-batch.ts';
import type { Rules } from '../rules.ts';
import type { SourceRecord } from './record.ts';

/** Position in a file at which a later parse can continue. It travels in a checkpoint, as JSON. */
export interface SourceState {
  /** Offset in the uncompressed file of the next byte to read. 0 is the beginning, before the header. */
  readonly byte: number;
  readonly [detail: string]: unknown;
}

/** Reads the records of one file from its bytes, in chunks of any size. Chunk boundaries do not change the records. */
export interface Source {
  /** Undefined until enough of the file is read. */
  readonly format: DetectedFormat | undefined;
  /** Reason for which the file cannot be read. No record follows. */
  readonly failure: Failure | undefined;
  /** Encoding of the text read so far; undefined if the file is not text. */
  readonly encoding: FormatSummary['encoding'];
  /** State before the next chunk. */
  readonly state: SourceState;
  /** Returns the records that the chunk completes. */
  read(chunk: Uint8Array): SourceRecord[];
  /** Returns the records that remain at the end of the file. */
  end(): SourceRecord[];
}

/** Point of a file at which a parse continues, with the format that was detected before. */
export interface ResumePoint {
  readonly state: SourceState;
  readonly format: DetectedFormat;
}

/** Facts about a file that its bytes do not show. */
export interface SourceFacts {
  readonly fileName: string;
  /** Transaction date in the file name. */
  readonly date: string | undefined;
  /** The rules of the store. */
  readonly rules: Rules;
}

/** Opens a file at its beginning, or at a checkpoint. */
export type OpenSource = (at: ResumePoint | undefined, facts: SourceFacts) => Source;
