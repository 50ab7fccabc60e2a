import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HASH_BYTES = 10;
const UUID_BYTES = 16;

/** Text that tells the calls of a store apart: the caller's idempotency key, or else the content of the call. */
export interface CallIdentity {
  readonly kind: 'key' | 'content';
  readonly text: string;
}

/**
 * Computes the receipt of a call: a UUID (version 8, RFC 9562 §5.8) of a hash and a signature, so that the same call
 * has the same receipt, and no caller can invent one.
 */
export function computeReceipt(secret: string, storeId: string, { kind, text }: CallIdentity): string {
  const facts = JSON.stringify([storeId, kind, text.toWellFormed()]);
  const hash = createHash('sha256').update(facts).digest().subarray(0, HASH_BYTES);
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const bytes = Buffer.concat([hash, sign(secret, storeId, hash)]);
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** True if the API made this receipt for a call of this store. */
export function isReceipt(secret: string, storeId: string, text: string): boolean {
  if (!UUID.test(text)) return false;
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  const signature = sign(secret, storeId, bytes.subarray(0, HASH_BYTES));
  return timingSafeEqual(signature, bytes.subarray(HASH_BYTES));
}

function sign(secret: string, storeId: string, hash: Buffer): Buffer {
  return createHmac('sha256', secret)
    .update(`receipt\0${storeId}\0`)
    .update(hash)
    .digest()
    .subarray(0, UUID_BYTES - HASH_BYTES);
}
