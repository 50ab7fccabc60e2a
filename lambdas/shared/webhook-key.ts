import { createHmac } from 'node:crypto';

/** Derives the key that signs the webhooks of a store, so that no store can sign for another one. */
export function deriveWebhookKey(secret: string, storeId: string): Buffer {
  return createHmac('sha256', secret).update(`webhook\0${storeId}`).digest();
}

/** Writes a key as receivers configure it (Standard Webhooks, "Signature scheme"). */
export function formatWebhookKey(key: Buffer): string {
  return `whsec_${key.toString('base64')}`;
}
