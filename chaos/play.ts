import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';
import { STACK_OUTPUTS } from '../lambdas/contract/stack-outputs.ts';
import { REJECTED_PREFIX } from '../lambdas/contract/upload-key.ts';
import { findWrongs } from './check.ts';
import { Choices } from './choices.ts';
import type { CloudChild } from './cloud-child.ts';
import { takeAll } from './dead-letters.ts';
import type { MadeUpFile } from './made-up-file.ts';
import { type Scenario, scenarioOf } from './scenario.ts';

const SETTLE_TIMEOUT_MILLISECONDS = 120_000;
const POLL_MILLISECONDS = 50;
/** So often in a row everything must be at rest. */
const QUIET_LOOKS = 3;

/** An object version that was dropped. */
export interface Drop {
  readonly key: string;
  readonly versionId: string;
  readonly file: MadeUpFile;
  isDeleted: boolean;
}

/** Plays a seed's scenario under its faults. @returns what is wrong afterwards, in words */
export async function play(cloud: CloudChild, seed: number): Promise<string[]> {
  const scenario = scenarioOf(seed);
  cloud.tell({ seed });
  const drops = await takeSteps(cloud, seed, scenario);
  const clients = connect(cloud);
  const database = new pg.Client({ connectionString: cloud.running.databaseUrl });
  try {
    await database.connect();
    const open = await settle(cloud, clients.sqs, database, drops);
    if (open !== undefined) return [open];
    const { outputs } = cloud.running;
    const wrongs = await findWrongs(database, scenario.storeId, drops);
    const poisons = scenario.steps.flatMap((step) => (step.kind === 'poison' ? [step.body] : []));
    const uploadLetters = await takeAll(clients.sqs, outputs[STACK_OUTPUTS.uploadDeadLetterQueueUrl]!);
    const rowLetters = await takeAll(clients.sqs, outputs[STACK_OUTPUTS.rowDeadLetterQueueUrl]!);
    // What was delivered twice may be there twice.
    for (const { body, reason } of [
      ...uploadLetters.filter((letter) => !poisons.includes(letter.body)),
      ...rowLetters,
    ]) {
      wrongs.push(`in a dead-letter queue, ${reason}: ${body.slice(0, 200)}`);
    }
    for (const poison of poisons) {
      if (!uploadLetters.some(({ body }) => body === poison))
        wrongs.push(`${poison} is in no dead-letter queue`);
    }
    const { rows } = await database.query(
      `SELECT v.upload_id, v.differences FROM ledger.verify('-infinity', '00000000-0000-0000-0000-000000000000', 100000) AS v
       JOIN ledger.uploads AS u USING (upload_id) WHERE u.store_id = $1 AND v.differences <> '{}'`,
      [scenario.storeId],
    );
    wrongs.push(...rows.map((row) => `verify: ${JSON.stringify(row)}`));
    wrongs.push(
      ...(await findWrongRejectedFiles(clients.s3, outputs[STACK_OUTPUTS.bucketName]!, database, scenario)),
    );
    wrongs.push(...cloud.denied.splice(0));
    return wrongs;
  } finally {
    clients.s3.destroy();
    clients.sqs.destroy();
    await database.end();
  }
}

function connect({ running }: CloudChild) {
  const config = {
    endpoint: running.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
  };
  return { s3: new S3Client(config), sqs: new SQSClient(config) };
}

async function takeSteps(cloud: CloudChild, seed: number, { steps }: Scenario): Promise<Drop[]> {
  const choices = new Choices(seed);
  const drops: Drop[] = [];
  let { s3, sqs } = connect(cloud);
  for (const step of steps) {
    const { outputs } = cloud.running;
    const Bucket = outputs[STACK_OUTPUTS.bucketName]!;
    if (step.kind === 'drop') {
      const { key: Key, file, isDeleted } = step;
      const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: file.content }));
      if (isDeleted) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
      drops.push({ key: Key, versionId: VersionId, file, isDeleted });
    } else if (step.kind === 'poison') {
      const QueueUrl = outputs[STACK_OUTPUTS.uploadQueueUrl]!;
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: step.body }));
    } else if (step.kind === 'wait') {
      await sleep(step.milliseconds);
    } else {
      await sleep(choices.between(0, 600));
      await cloud.kill();
      s3.destroy();
      sqs.destroy();
      await cloud.start();
      cloud.tell({ seed });
      ({ s3, sqs } = connect(cloud));
    }
  }
  s3.destroy();
  sqs.destroy();
  return drops;
}

/** Waits until every upload has come to its end and no message is left. @returns what has not, after a while */
async function settle(
  cloud: CloudChild,
  sqs: SQSClient,
  database: pg.Client,
  drops: readonly Drop[],
): Promise<string | undefined> {
  const deadline = Date.now() + SETTLE_TIMEOUT_MILLISECONDS;
  const { outputs } = cloud.running;
  const queueUrls = [outputs[STACK_OUTPUTS.uploadQueueUrl]!, outputs[STACK_OUTPUTS.rowQueueUrl]!];
  for (let quiet = 0; quiet < QUIET_LOOKS; ) {
    const counts = await Promise.all(queueUrls.map((QueueUrl) => countMessages(sqs, QueueUrl)));
    const open = await findOpen(database, drops);
    quiet = counts.every((count) => count === 0) && open.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) {
      return `did not come to rest: ${counts.join(' and ')} messages are left, open: ${open.join(', ')}`;
    }
    await sleep(POLL_MILLISECONDS);
  }
  return undefined;
}

async function countMessages(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  const {
    ApproximateNumberOfMessages,
    ApproximateNumberOfMessagesNotVisible,
    ApproximateNumberOfMessagesDelayed,
  } = Attributes;
  return (
    Number(ApproximateNumberOfMessages) +
    Number(ApproximateNumberOfMessagesNotVisible) +
    Number(ApproximateNumberOfMessagesDelayed)
  );
}

async function findOpen(database: pg.Client, drops: readonly Drop[]): Promise<string[]> {
  const wanted = drops.filter(({ isDeleted }) => !isDeleted);
  const { rows } = await database.query<{ version_id: string; status: string }>(
    'SELECT version_id, status FROM ledger.uploads WHERE version_id = ANY ($1)',
    [drops.map(({ versionId }) => versionId)],
  );
  const statuses = new Map(rows.map(({ version_id, status }) => [version_id, status]));
  const unseen = wanted.filter(({ versionId }) => !statuses.has(versionId));
  const loading = drops.filter(({ versionId }) => statuses.get(versionId) === 'loading');
  return [...unseen, ...loading].map(
    ({ key, versionId }) => `${key} (${statuses.get(versionId) ?? 'not seen'})`,
  );
}

/** The CSV files of rejected rows must hold what the ledger holds. */
async function findWrongRejectedFiles(
  s3: S3Client,
  Bucket: string,
  database: pg.Client,
  { storeId }: Scenario,
): Promise<string[]> {
  const found = new Map<string, Set<number>>();
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: `${REJECTED_PREFIX}store=${storeId}/` }),
  );
  for (const { Key = '' } of Contents) {
    const id = /rejected-([0-9a-f]{8})/.exec(Key)![1]!;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const lines = found.get(id) ?? new Set();
    // Each rejected row of a made-up file is one line.
    for (const [, line] of (await Body!.transformToString()).matchAll(/^(\d+),/gm)) lines.add(Number(line));
    found.set(id, lines);
  }
  const { rows } = await database.query<{ id: string; lines: number[] }>(
    `SELECT left(r.upload_id::text, 8) AS id, array_agg(r.line) AS lines FROM ledger.rejected_rows AS r
     JOIN ledger.uploads AS u USING (upload_id) WHERE u.store_id = $1 AND u.status = 'complete' GROUP BY 1`,
    [storeId],
  );
  return rows.flatMap(({ id, lines }) => {
    const missing = lines.filter((line) => !found.get(id)?.has(line));
    return missing.length === 0
      ? []
      : [`lines ${missing.join(', ')} of upload ${id} are in no file under rejected/`];
  });
}
