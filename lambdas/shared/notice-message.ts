import type { FileReceipt } from '../core/file-receipt.ts';
import { PermanentError } from './errors.ts';

/** Ways to tell a store about a receipt, besides the receipt itself. */
const CHANNELS = ['mail', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * Message of the queue of notices: an upload with unsent notices, or the delivery of one receipt over one channel. Each
 * delivery is a separate message, so that it is retried alone and never asks the database.
 */
export type NoticeMessage =
  | { readonly uploadId: string }
  | { readonly channel: Channel; readonly receipt: FileReceipt };

/** @throws {PermanentError} if a text is not such a message */
export function readNoticeMessage(body: string): NoticeMessage {
  const message = parseJson(body) as Partial<Record<string, unknown>>;
  if (typeof message.uploadId === 'string') return { uploadId: message.uploadId };
  const { storeId } = Object(message.receipt) as Partial<FileReceipt>;
  const channel = CHANNELS.find((known) => known === message.channel);
  if (channel === undefined || storeId === undefined) {
    throw new PermanentError('not a notice: it names neither an upload nor a delivery');
  }
  return { channel, receipt: message.receipt as FileReceipt };
}

function parseJson(body: string): object {
  try {
    return Object(JSON.parse(body));
  } catch (cause) {
    throw new PermanentError('not a notice: the message is not JSON', { cause });
  }
}
