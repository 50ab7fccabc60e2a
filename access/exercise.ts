import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { localAccess } from '../cli/local-access.ts';
import { uploaderPolicyOutput } from '../lambdas/contract/stack-outputs.ts';
import { buildUploadKey, DEFAULT_STORE } from '../lambdas/contract/upload-key.ts';
import { readCloudModel } from '../local/assembly/read-cloud-model.ts';
import { DataDirectory } from '../local/data-directory.ts';
import type { FaultPlan } from '../local/faults/fault-plan.ts';
import { AccessDeniedError, type HeldGrant } from '../local/iam/access-control.ts';
import { accessKeyOf } from '../local/iam/add-policies.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import { generateCsv } from '../samples/generator.ts';
import { findUnused } from './report.ts';

const TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 500;
/** S3 takes no smaller part but for the last. */
const PART_BYTES = 5 * 1024 ** 2;
/** So many of the parser's first invocations have little time. */
const HASTY_DELIVERIES = 20;
const DATE = '2025-03-14';
const csv = (rows: number, broken: number, seed: number) =>
  [...generateCsv({ rows, broken, seed, date: DATE, days: 1 })].join('');

/** What each permission needs to be asked for: errors that pass, time that runs out, an event that is lost. */
function exerciseFaults(): FaultPlan {
  const left: Record<string, number> = { GetObject: 3, ExecuteStatement: 2, UploadPart: 1 };
  const isLeft = (action: string) => (left[action] ?? 0) > 0 && left[action]!-- > 0;
  let deliveries = 0;
  return {
    onEvent: ({ key }) => (key.includes('lost') ? 'lost' : undefined),
    onDelivery: ({ functionName }) =>
      functionName.includes('parser') && ++deliveries <= HASTY_DELIVERIES
        ? { kind: 'time-limit', seconds: 4 }
        : undefined,
    onCall: ({ functionName, action }) => {
      const isParser = functionName.includes('parser');
      if (isParser && action === 'SendMessageBatch') return { kind: 'delay', milliseconds: 150 };
      if (isParser && action === 'GetObject' && isLeft(action)) {
        return { kind: 'error', when: 'before', code: 'SlowDown', status: 503 };
      }
      if (isParser && action === 'UploadPart' && isLeft(action)) {
        return { kind: 'error', when: 'before', code: 'InvalidRequest', status: 400 };
      }
      if (functionName.includes('consumer') && action === 'ExecuteStatement' && isLeft(action)) {
        return { kind: 'error', when: 'before', code: 'DatabaseUnavailableException', status: 400 };
      }
      return undefined;
    },
  };
}

/**
 * Makes every function, service and uploader of an assembly do all that it is there for.
 * @param assemblyDir with short messages and waits
 * @param dataDir for the local cloud
 * @returns every grant, and whether it was used
 * @throws {Error} with the first call that no policy allows
 */
export async function exercise(assemblyDir: string, dataDir: string): Promise<HeldGrant[]> {
  const denied: Error[] = [];
  const cloud = await LocalCloud.start({
    directory: new DataDirectory(dataDir),
    assemblyDir,
    faults: exerciseFaults(),
    timeLapse: true,
    onProblem: (problem) => {
      if (problem instanceof AccessDeniedError) denied.push(problem);
    },
  });
  try {
    const { rotations } = await readCloudModel(assemblyDir, cloud.running.endpoint);
    await useEverything(
      cloud,
      rotations.map(({ secretArn }) => secretArn),
    );
    if (denied.length > 0) throw denied[0];
    return cloud.access.grants();
  } finally {
    await cloud.stop();
  }
}

async function useEverything(cloud: LocalCloud, secretArns: readonly string[]): Promise<void> {
  const { connection, outputs } = localAccess(cloud.running);
  const as = (accessKeyId: string) => ({ ...connection, credentials: { accessKeyId, secretAccessKey: 'x' } });
  const { bucketName: Bucket } = outputs;
  const s3 = new S3Client(connection);
  const sqs = new SQSClient(connection);
  const put = (name: string, Body: string) =>
    s3.send(
      new PutObjectCommand({ Bucket, Key: buildUploadKey({ storeId: DEFAULT_STORE, fileName: name }), Body }),
    );

  await put('retail_14_03_2025.csv', csv(300, 20, 1));
  await put('retail_14_03_2025_lost.csv', csv(20, 0, 2));
  // So many rejected rows that their file goes up in parts; so many batches that time runs out between them.
  await put('retail_14_03_2025_broken.csv', csv(45_000, 45_000, 3));
  await put('retail_14_03_2025_long.csv', csv(30_000, 0, 4));
  const { VersionId } = await put('retail_14_03_2025_gone.csv', csv(20, 0, 5));
  const Key = buildUploadKey({ storeId: DEFAULT_STORE, fileName: 'retail_14_03_2025_gone.csv' });
  await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  for (const QueueUrl of [outputs.uploadQueueUrl, outputs.rowQueueUrl]) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'nobody understands this' }));
  }
  const policyArn = cloud.running.outputs[uploaderPolicyOutput(DEFAULT_STORE)]!;
  await upload(new S3Client(as(accessKeyOf(policyArn.split('/').at(-1)!))), Bucket);
  await rotateAll(new SecretsManagerClient(connection), secretArns);

  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  while (findUnused(cloud.access.grants()).length > 0 && Date.now() < deadline) {
    await cloud.invoke('sweeper');
    await cloud.invoke('verifier');
    await sleep(POLL_MILLISECONDS);
  }
  s3.destroy();
  sqs.destroy();
}

/** As a shop's system does: a small file, a large one in parts, and one that is given up half way. */
async function upload(client: S3Client, Bucket: string): Promise<void> {
  const key = (fileName: string) => buildUploadKey({ storeId: DEFAULT_STORE, fileName });
  await client.send(
    new PutObjectCommand({ Bucket, Key: key('retail_14_03_2025_small.csv'), Body: csv(10, 0, 6) }),
  );
  const parts = (name: string) =>
    new MultipartUpload({
      client,
      partSize: PART_BYTES,
      params: { Bucket, Key: key(name), Body: Buffer.alloc(PART_BYTES + 1, '\n') },
    });
  await parts('retail_14_03_2025_parts.csv').done();
  const given = parts('retail_14_03_2025_given_up.csv');
  const done = given.done();
  given.once('httpUploadProgress', () => void given.abort());
  await done.catch(() => undefined);
  client.destroy();
}

async function rotateAll(client: SecretsManagerClient, secretArns: readonly string[]): Promise<void> {
  for (const SecretId of secretArns) await client.send(new RotateSecretCommand({ SecretId }));
  client.destroy();
}
