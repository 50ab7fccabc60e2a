import { STORE_PATTERN } from '../core/upload-key.ts';
import { PermanentError, TransientError } from './errors.ts';

/** Maximum size of a message (SQS developer guide, "Message quotas"). */
export const MAX_CALL_BYTES = 1_048_576;
const VERSION = 1;
const CONTROL_PICTURES = 0x2400;

/** One accepted call: the items that a caller sent, refused ones too. */
export interface Call {
  readonly storeId: string;
  readonly receipt: string;
  /** Each item as it was sent, on one line. */
  readonly lines: readonly string[];
}

/**
 * Makes an item a line that SQS accepts: it allows tabs, line terminators and U+0020 to U+FFFD (API reference,
 * SendMessage). The values of valid JSON stay the same: it has other control characters nowhere, and line terminators
 * between values only.
 */
export function toLine(item: string): string {
  return (
    item
      .toWellFormed()
      .replace(/[\r\n]/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that SQS refuses
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, (character) =>
        String.fromCharCode(CONTROL_PICTURES + character.charCodeAt(0)),
      )
      .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
  );
}

/** Writes a call as a message: a line that describes it, and a line for each item. */
export function encodeCall({ storeId, receipt, lines }: Call): string {
  const head = JSON.stringify({ version: VERSION, storeId, receipt, items: lines.length });
  return [head, ...lines].join('\n');
}

/**
 * Reads a message.
 * @throws {PermanentError} if it is not a message of the API
 * @throws {TransientError} if a newer release wrote it
 */
export function decodeCall(body: string): Call {
  const [head = '', ...lines] = body.split('\n');
  const { version, storeId, receipt, items } = readHead(head);
  if (Number.isInteger(version) && Number(version) > VERSION) {
    throw new TransientError(`the call has version ${version}: a newer release of the collector reads it`);
  }
  const isCall = version === VERSION && typeof storeId === 'string' && typeof receipt === 'string';
  if (!isCall || !STORE_PATTERN.test(storeId) || items !== lines.length || lines.length === 0) {
    throw new PermanentError('the message is not a call of the API, or it is incomplete');
  }
  return { storeId, receipt, lines };
}

function readHead(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch (cause) {
    throw new PermanentError('the message is not a call of the API: its first line is not JSON', { cause });
  }
}
