import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { type FileReceipt, hasProblems, summarizeReceipt, writeReceiptText } from '../core/file-receipt.ts';
import type { ApiSecret } from '../shared/api-secret.ts';
import { PermanentError } from '../shared/errors.ts';
import type { Channel } from '../shared/notice-message.ts';
import type { NotifySettings } from '../shared/notify-settings.ts';
import { deriveWebhookKey } from '../shared/webhook-key.ts';
import { postWebhook } from './webhook.ts';

/** Errors of SES that no retry changes: the sender is not verified, or the mail is refused (SES API v2, "SendEmail"). */
const FINAL_SES_ERRORS = ['BadRequestException', 'MessageRejected', 'NotFoundException'];
/** Objects that the collector writes: their senders have the receipts of the API. */
const COLLECTED_KEY = /^incoming\/store=[^/]+\/api\//;

export interface DeliveryResources {
  readonly settings: NotifySettings;
  readonly ses: SESv2Client;
  readonly webhookSecret: ApiSecret;
}

/** Lists the channels over which a store is notified of a receipt. */
export function chooseChannels(receipt: FileReceipt, { stores }: NotifySettings): Channel[] {
  const { storeId, isRepeated = false, key } = receipt;
  const contacts = Object.hasOwn(stores, storeId) ? stores[storeId] : undefined;
  if (contacts === undefined || isRepeated || (contacts.when === 'problems' && !hasProblems(receipt)))
    return [];
  return [
    ...(contacts.emails.length > 0 && !COLLECTED_KEY.test(key) ? (['mail'] as const) : []),
    ...(contacts.webhook === undefined ? [] : (['webhook'] as const)),
  ];
}

/** Delivers a receipt over one channel. A store whose contacts were removed in the meantime gets nothing. */
export async function deliver(
  channel: Channel,
  receipt: FileReceipt,
  { settings, ses, webhookSecret }: DeliveryResources,
): Promise<void> {
  const { storeId, id } = receipt;
  const contacts = Object.hasOwn(settings.stores, storeId) ? settings.stores[storeId] : undefined;
  if (channel === 'webhook') {
    const url = contacts?.webhook;
    if (url === undefined) return;
    const key = deriveWebhookKey(await webhookSecret.read(), storeId);
    await postWebhook({ url, id, body: JSON.stringify(receipt), key });
    return;
  }
  if (contacts === undefined || contacts.emails.length === 0 || settings.from === undefined) return;
  await sendMail(ses, settings.from, contacts.emails, receipt);
}

async function sendMail(
  ses: SESv2Client,
  FromEmailAddress: string,
  addresses: readonly string[],
  receipt: FileReceipt,
): Promise<void> {
  const text = (Data: string) => ({ Data, Charset: 'UTF-8' });
  const Simple = {
    Subject: text(`${receipt.storeId}: ${summarizeReceipt(receipt)}`),
    Body: { Text: text(writeReceiptText(receipt)) },
  };
  const Destination = { ToAddresses: [...addresses] };
  try {
    await ses.send(new SendEmailCommand({ FromEmailAddress, Destination, Content: { Simple } }));
  } catch (error) {
    const { name, message } = error as Error;
    if (FINAL_SES_ERRORS.includes(name))
      throw new PermanentError(`SES refused the mail: ${message}`, { cause: error });
    throw error;
  }
}
