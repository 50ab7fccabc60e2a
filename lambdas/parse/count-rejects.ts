import { type Checkpoint, type ParseSettings, parseBatches, type UploadBytes } from '../core/parse.ts';
import type { Failure } from '../core/reject-codes.ts';
import type { Upload } from '../core/row-batch.ts';

type ClosableBytes = UploadBytes & { close(): void };

const LF = 0x0a;
const CR = 0x0d;

/**
 * Tells whether a file has enough lines for more rejected rows than the limit, in any encoding and with any line
 * terminator. Counting bytes is many times faster than checking rows.
 * @param isTimeUp is asked after each chunk; a file that is too long to be counted has enough
 */
export async function canExceed(
  maxRejectedRows: number,
  { chunks, close }: ClosableBytes,
  isTimeUp: () => boolean,
): Promise<boolean> {
  let lf = 0;
  let cr = 0;
  let last = LF;
  try {
    for await (const chunk of chunks) {
      lf += countByte(chunk, LF);
      cr += countByte(chunk, CR);
      last = chunk.at(-1) ?? last;
      // A file has one line terminator, and its header is at least one line.
      const rows = Math.max(lf, cr) + (last === LF || last === CR ? 0 : 1) - 1;
      if (rows > maxRejectedRows || isTimeUp()) return true;
    }
    return false;
  } finally {
    close();
  }
}

/** Counts a byte. To search for it takes a quarter of the time of a loop over all bytes. */
function countByte(chunk: Uint8Array, byte: number): number {
  let count = 0;
  for (let at = chunk.indexOf(byte); at >= 0; at = chunk.indexOf(byte, at + 1)) count++;
  return count;
}

/**
 * Counts the rejected rows of a file and keeps nothing else, so that a file with too many is refused before any of its
 * rows is loaded.
 * @param isTimeUp is asked after each batch
 * @returns the reason to refuse the file, or the point at which the count continues if the time is up
 */
export async function countRejects(
  upload: Upload,
  bytes: ClosableBytes,
  settings: ParseSettings,
  maxRejectedRows: number,
  isTimeUp: () => boolean,
): Promise<{ readonly failure?: Failure; readonly next?: Checkpoint }> {
  try {
    for await (const parsed of parseBatches(upload, bytes, settings)) {
      const { rowsRead, rowsRejected } = parsed.next ?? parsed.totals;
      if (rowsRejected > maxRejectedRows) {
        const [read, rejected, limit] = [rowsRead, rowsRejected, maxRejectedRows].map(formatNumber);
        const [example] = parsed.batch.rejects;
        const message =
          `Of the first ${read} rows, ${rejected} break a rule. The setting retail:maxRejectedRows allows ${limit}. ` +
          `${example === undefined ? '' : `For example, line ${example.line}: ${example.message} `}` +
          'Correct the file and upload it again, or raise the setting.';
        return { failure: { code: 'too-many-rejected-rows', message } };
      }
      if (parsed.next !== undefined && isTimeUp()) return { next: parsed.next };
    }
    return {};
  } finally {
    bytes.close();
  }
}

function formatNumber(number: number): string {
  return number.toLocaleString('en-US');
}
