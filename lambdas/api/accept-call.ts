import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AcceptedCall, RefusedItem } from '../core/api-answers.ts';
import { createItemCheck } from '../core/items.ts';
import { type Rules, type RulesDocument, rulesFor } from '../core/rules.ts';
import { CALLS_PREFIX } from '../shared/api-routes.ts';
import type { ApiSecret } from '../shared/api-secret.ts';
import { encodeCall, MAX_CALL_BYTES } from '../shared/call-message.ts';
import { createObject } from '../shared/create-object.ts';
import { type CallIdentity, computeReceipt } from '../shared/receipt.ts';
import { ProblemError } from './problem.ts';

export const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;

export interface CallResources {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly secret: ApiSecret;
  readonly bucketName: string;
  readonly callQueueUrl: string;
  readonly rules: RulesDocument;
}

export interface SentCall {
  readonly storeId: string;
  /** One line for each item. */
  readonly lines: readonly string[];
  /** Text that the caller sent. */
  readonly content: string;
  readonly idempotencyKey?: string | undefined;
}

/**
 * Accepts a call: once this returns, the queue has all of its items. Refused ones travel too, so that the ledger
 * accounts for each.
 * @throws {ProblemError} if the call cannot be accepted
 */
export async function acceptCall(call: SentCall, resources: CallResources): Promise<AcceptedCall> {
  const { storeId, lines, content, idempotencyKey } = call;
  const check = createItemCheck(findRules(storeId, resources.rules), new Date().toISOString());
  const refused = lines.flatMap((line, index) => refuse(line, index, check));
  const digest = sha256(content);
  const identity: CallIdentity =
    idempotencyKey === undefined ? { kind: 'content', text: digest } : { kind: 'key', text: idempotencyKey };
  const receipt = computeReceipt(await resources.secret.read(), storeId, identity);
  const MessageBody = encodeCall({ storeId, receipt, lines });
  if (Buffer.byteLength(MessageBody) > MAX_CALL_BYTES) {
    throw new ProblemError(
      'content-too-large',
      'The transactions fill more than 1 MiB. Send them in several requests.',
    );
  }
  if (idempotencyKey !== undefined) await claimKey(storeId, idempotencyKey, digest, resources);
  await resources.sqs.send(new SendMessageCommand({ QueueUrl: resources.callQueueUrl, MessageBody }));
  return { receipt, accepted: lines.length - refused.length, refused };
}

/** @throws {ProblemError} for a store whose files the parser would refuse */
export function findRules(storeId: string, document: RulesDocument): Rules {
  const rules = rulesFor(document, storeId);
  if (rules.isKnownStore) return rules;
  const detail = `The setting retail:stores does not have the store "${storeId}". Correct the name, or ask the operator to add it.`;
  throw new ProblemError('forbidden', detail);
}

function refuse(line: string, index: number, check: ReturnType<typeof createItemCheck>): RefusedItem[] {
  const { problems, message = '' } = check(line);
  return problems.slice(0, 1).map(({ column, code }) => ({ index, field: column, code, message }));
}

/**
 * Binds a key to the content of a call for a few days. The same content is sent again: the earlier call may have died
 * before it sent anything.
 * @throws {ProblemError} if the key belongs to other content
 */
async function claimKey(
  storeId: string,
  key: string,
  digest: string,
  { s3, bucketName: Bucket }: CallResources,
): Promise<void> {
  const Key = `${CALLS_PREFIX}store=${storeId}/${sha256(key)}`;
  if (await createObject(s3, { Bucket, Key, Body: digest })) return;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  if ((await Body!.transformToString()) === digest) return;
  const detail =
    'This key was sent with another body in the last days. Send other transactions with another key.';
  throw new ProblemError('idempotency-key-reused', detail);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
