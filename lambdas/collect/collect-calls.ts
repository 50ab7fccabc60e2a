import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSRecord } from 'aws-lambda';
import { buildUploadKey } from '../core/upload-key.ts';
import { type Call, decodeCall } from '../shared/call-message.ts';
import { createObject } from '../shared/create-object.ts';

const HASH_LENGTH = 12;

/** A message of the call queue, and the call in it. */
export interface ReceivedCall {
  readonly record: SQSRecord;
  readonly call: Call;
}

/** Reads a message. @throws {PermanentError} if it is not a call */
export function readCall(record: SQSRecord): ReceivedCall {
  return { record, call: decodeCall(record.body) };
}

/** Groups calls by store, in an order that depends on the messages only and not on their delivery. */
export function groupByStore(received: readonly ReceivedCall[]): Map<string, ReceivedCall[]> {
  const sentAt = ({ record }: ReceivedCall) => Number(record.attributes.SentTimestamp);
  const inOrder = received.toSorted(
    (a, b) => sentAt(a) - sentAt(b) || (a.record.messageId < b.record.messageId ? -1 : 1),
  );
  return Map.groupBy(inOrder, ({ call }) => call.storeId);
}

/**
 * Writes the calls of one store to one object, as docs/api.md describes it. The same messages give the same key and
 * the same content: an object that exists is complete.
 * @returns the key, and the number of items
 */
export async function writeCalls(
  received: readonly ReceivedCall[],
  s3: S3Client,
  bucketName: string,
): Promise<{ key: string; items: number; isNew: boolean }> {
  const calls = withoutRepetitions(received.map(({ call }) => call));
  const key = buildKey(received);
  const manifest = {
    calls: calls.map(({ receipt, lines }) => ({ receipt, items: lines.length })),
  };
  const lines = calls.flatMap((call) => call.lines);
  const Body = `${[JSON.stringify(manifest), ...lines].join('\n')}\n`;
  const object = { Bucket: bucketName, Key: key, Body, ContentType: 'application/x-ndjson' };
  const isNew = await createObject(s3, object);
  return { key, items: lines.length, isNew };
}

/** Removes calls that were sent again: the same receipt has the same items. */
function withoutRepetitions(calls: readonly Call[]): Call[] {
  const first = new Map<string, Call>();
  for (const call of calls) if (!first.has(call.receipt)) first.set(call.receipt, call);
  return [...first.values()];
}

/** Builds `incoming/store=<store>/api/<day>/<time>-<hash of the messages>.ndjson`, with the time of the newest message. */
function buildKey(received: readonly ReceivedCall[]): string {
  const { record, call } = received.at(-1)!;
  const [day = '', time = ''] = new Date(Number(record.attributes.SentTimestamp)).toISOString().split('T');
  const ids = received.map(({ record: { messageId } }) => messageId).sort();
  const hash = createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, HASH_LENGTH);
  const name = `${time.slice(0, 8).replaceAll(':', '-')}-${hash}.ndjson`;
  return buildUploadKey({ storeId: call.storeId, fileName: `api/${day}/${name}` });
}
