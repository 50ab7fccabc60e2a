import { sha256 } from '@noble/hashes/sha2.js';

const UTF_8 = new TextEncoder();
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Bytes of a UUID before which its text has a hyphen. */
const GROUPS = [4, 6, 8, 10];

/**
 * Computes the id of a row that has none: a UUID (version 8, RFC 9562 §5.8) from the SHA-256 of its store and the values
 * that identify it there, so that another export of the row has the same id.
 */
export function computeRowId(storeId: string, values: readonly string[]): string {
  const bytes = sha256(UTF_8.encode(JSON.stringify([storeId, ...values])));
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  let id = '';
  for (let index = 0; index < 16; index++) {
    id += GROUPS.includes(index) ? `-${HEX[bytes[index]!]}` : HEX[bytes[index]!];
  }
  return id;
}
