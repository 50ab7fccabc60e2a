import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import pg from 'pg';
import { localAccess } from '../../cli/local-access.ts';
import { buildDecisionKey, type Decision } from '../../lambdas/core/decision.ts';
import { API_OUTPUTS } from '../../lambdas/shared/stacks.ts';
import { buildS3Event } from '../../lambdas/shared/upload-message.ts';
import type { RunningCloud } from '../../local/data-directory.ts';
import type { MadeUpFile } from './made-up-file.ts';

const POLL_MILLISECONDS = 50;
/** Number of consecutive looks at which no work may be left. */
const QUIET_LOOKS = 3;

export type Clients = Awaited<ReturnType<typeof connect>>;

export interface Drop {
  readonly key: string;
  readonly versionId: string;
  readonly file: MadeUpFile;
  /** The version was deleted right after its upload. It may have been loaded before. */
  readonly isDeleted: boolean;
}

/** Connects to a running cloud: to S3 and SQS as its operator, and to the database itself. */
export async function connect(running: RunningCloud) {
  const { connection, outputs: others } = localAccess(running);
  const outputs = {
    ...others,
    callQueueUrl: running.outputs[API_OUTPUTS.callQueueUrl]!,
    callDeadLetterQueueUrl: running.outputs[API_OUTPUTS.callDeadLetterQueueUrl]!,
  };
  const [s3, sqs] = [new S3Client(connection), new SQSClient(connection)];
  const database = new pg.Client(running.databaseUrl);
  await database.connect();
  const close = async () => {
    s3.destroy();
    sqs.destroy();
    await database.end();
  };
  return { s3, sqs, database, outputs, close };
}

/** An object whose upload ends. */
type Ending = Pick<Drop, 'key' | 'versionId'> & Partial<Pick<Drop, 'isDeleted'>>;

export async function dropFile(
  { s3, outputs }: Clients,
  Key: string,
  file: MadeUpFile,
  isDeleted = false,
): Promise<Drop> {
  const Bucket = outputs.bucketName;
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: file.content }));
  if (isDeleted) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  return { key: Key, versionId: VersionId, file, isDeleted };
}

/** A decision about a file that was dropped before. */
export interface PutDecision {
  readonly key: string;
  readonly versionId: string;
  readonly kind: Decision['kind'];
  readonly file: Pick<Drop, 'key' | 'versionId'>;
  readonly lines?: readonly number[] | undefined;
}

export async function putDecision(
  { s3, outputs }: Clients,
  { kind, lines }: Pick<PutDecision, 'kind' | 'lines'>,
  { key, versionId }: Drop,
): Promise<PutDecision> {
  const Key = buildDecisionKey(kind, new Date(), randomBytes(4).toString('hex'));
  const file = { key, versionId };
  const decision: Decision = {
    version: 1,
    kind,
    file,
    ...(lines && { lines }),
    reason: 'Chaos.',
    by: 'chaos',
  };
  const Body = JSON.stringify(decision);
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket: outputs.bucketName, Key, Body }));
  return { key: Key, versionId: VersionId, kind, file, lines };
}

/** Announces a file again, as a replay does. */
export async function announceAgain({ sqs, outputs }: Clients, { key, versionId }: Drop): Promise<void> {
  const object = { bucket: outputs.bucketName, key, versionId, receivedAt: new Date().toISOString() };
  const MessageBody = JSON.stringify(buildS3Event(object));
  await sqs.send(new SendMessageCommand({ QueueUrl: outputs.uploadQueueUrl, MessageBody }));
}

export async function drainQueue(
  sqs: SQSClient,
  QueueUrl: string,
): Promise<{ body: string; reason: string }[]> {
  const drained: { body: string; reason: string }[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return drained;
    for (const { Body = '', ReceiptHandle, MessageAttributes } of Messages) {
      drained.push({ body: Body, reason: MessageAttributes?.reason?.StringValue ?? 'received too often' });
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

/** Waits until the collector has written every call to an object. @returns messages that are left, as a problem */
export async function waitUntilCollected(
  { sqs, outputs }: Clients,
  timeoutMilliseconds: number,
): Promise<string[]> {
  const deadline = Date.now() + timeoutMilliseconds;
  for (let count = 1; count > 0; ) {
    count = await countMessages(sqs, outputs.callQueueUrl);
    if (count > 0 && Date.now() > deadline) return [`work is left: ${count} calls`];
    if (count > 0) await sleep(POLL_MILLISECONDS);
  }
  return [];
}

/**
 * Waits until every upload is complete or failed and no message is left in the queues.
 * @returns the unfinished uploads if the timeout ends first, otherwise nothing
 */
export async function waitUntilSettled(
  { sqs, database, outputs }: Clients,
  drops: readonly Ending[],
  timeoutMilliseconds: number,
): Promise<string[]> {
  const deadline = Date.now() + timeoutMilliseconds;
  const queueUrls = [outputs.uploadQueueUrl, outputs.rowQueueUrl];
  for (let quiet = 0; quiet < QUIET_LOOKS; ) {
    const counts = await Promise.all(queueUrls.map((url) => countMessages(sqs, url)));
    const open = await findUnfinished(database, drops);
    quiet = counts.every((count) => count === 0) && open.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) {
      return [`work is left: ${counts.join(' and ')} messages; unfinished uploads: ${open.join(', ')}`];
    }
    await sleep(POLL_MILLISECONDS);
  }
  return [];
}

async function countMessages(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  const states = ['', 'NotVisible', 'Delayed'] as const;
  return states.reduce((sum, state) => sum + Number(Attributes[`ApproximateNumberOfMessages${state}`]), 0);
}

async function findUnfinished(database: pg.Client, drops: readonly Ending[]): Promise<string[]> {
  const { rows } = await database.query<{ version_id: string; status: string }>(
    'SELECT version_id, status FROM ledger.uploads WHERE version_id = ANY ($1)',
    [drops.map(({ versionId }) => versionId)],
  );
  const statuses = new Map(rows.map(({ version_id, status }) => [version_id, status]));
  return drops.flatMap(({ key, versionId, isDeleted }) => {
    const status = statuses.get(versionId) ?? (isDeleted ? 'deleted' : 'not in the ledger');
    return ['loading', 'not in the ledger'].includes(status) ? [`${key} (${status})`] : [];
  });
}
