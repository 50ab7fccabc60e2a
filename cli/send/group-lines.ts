import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, UserError } from '../exit-codes.ts';

/** A line of the input that is not blank. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Maximum of one call. */
export interface CallLimits {
  readonly items: number;
  /** Size of the items with a separator after each. */
  readonly bytes: number;
  /** Returns the size of a line in a call, in bytes. */
  readonly measure: (text: string) => number;
}

/** Time without further input after which the lines so far are sent: a till may write one line an hour. */
const QUIET_MILLISECONDS = 1_000;
const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = /^\ufeff/;

/**
 * Reads lines of UTF-8, those of one chunk of the input together. Blank ones are counted, and left out.
 * @throws {UserError} for a line that is not UTF-8 or has more than `maxBytes`
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line[], void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  const decode = (bytes: Uint8Array): Line[] => {
    number++;
    checkLength(number, bytes.length, maxBytes);
    try {
      const text = decoder.decode(bytes).trimEnd();
      const line = { number, text: number === 1 ? text.replace(BYTE_ORDER_MARK, '') : text };
      return line.text === '' ? [] : [line];
    } catch (cause) {
      throw new UserError(`line ${number} is not UTF-8: encode the file again`, EXIT.failed, { cause });
    }
  };
  let rest = Buffer.alloc(0);
  for await (const chunk of input) {
    const bytes = Buffer.concat([rest, chunk]);
    const lines: Line[] = [];
    let start = 0;
    try {
      for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
        lines.push(...decode(bytes.subarray(start, end)));
        start = end + 1;
      }
      checkLength(number + 1, bytes.length - start, maxBytes);
    } finally {
      if (lines.length > 0) yield lines;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield decode(rest);
}

function checkLength(number: number, bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new UserError(
    `line ${number} has more than ${maxBytes} bytes, the maximum of a call: write one transaction a line`,
  );
}

/**
 * Groups lines into calls. The same input has the same calls, so that sending it again changes nothing.
 * @throws what reading throws, after the lines before it
 */
export async function* groupLines(
  chunks: AsyncIterable<readonly Line[]>,
  limits: CallLimits,
  quietMilliseconds = QUIET_MILLISECONDS,
): AsyncGenerator<Line[], void> {
  const source = chunks[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<readonly Line[]>> | undefined;
  let group: Line[] = [];
  let bytes = 0;
  const takeGroup = () => {
    const taken = group;
    group = [];
    bytes = 0;
    return taken;
  };
  try {
    for (;;) {
      next ??= source.next();
      const quiet = group.length > 0 ? [sleep(quietMilliseconds, undefined, { ref: false })] : [];
      const chunk = await Promise.race([next, ...quiet]);
      if (chunk === undefined) {
        yield takeGroup();
        continue;
      }
      next = undefined;
      if (chunk.done) break;
      for (const line of chunk.value) {
        const size = limits.measure(line.text) + 1;
        if (size > limits.bytes + 1) {
          const message = `line ${line.number} is not JSON and too long for a message: correct it, or send without --ws`;
          throw new UserError(message, EXIT.failed);
        }
        if (group.length === limits.items || (group.length > 0 && bytes + size > limits.bytes)) {
          yield takeGroup();
        }
        group.push(line);
        bytes += size;
      }
    }
  } catch (error) {
    if (group.length > 0) yield takeGroup();
    throw error;
  }
  if (group.length > 0) yield takeGroup();
}
