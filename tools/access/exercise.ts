import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { localAccess } from '../../cli/local-access.ts';
import { buildUploadKey, DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { uploaderPolicyOutput } from '../../lambdas/shared/stack-outputs.ts';
import { readCloudModel } from '../../local/assembly/read-cloud-model.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import type { CallFault, FaultPlan } from '../../local/faults/fault-plan.ts';
import { AccessDeniedError, type HeldGrant } from '../../local/iam/access-control.ts';
import { accessKeyOf } from '../../local/iam/add-policies.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import { generateCsv } from '../generator/generator.ts';
import { findUnused } from './report.ts';

const TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 500;
/** S3 takes no smaller part but for the last. */
const PART_BYTES = 5 * 1024 ** 2;
/** So many that rejected rows fill more than one part, and valid ones many batches. */
const MANY_ROWS = 45_000;
const DATE = '2025-03-14';
const keyOf = (name: string) =>
  buildUploadKey({ storeId: DEFAULT_STORE, fileName: `retail_14_03_2025_${name}.csv` });
const csv = (rows: number, broken: number, seed: number) =>
  [...generateCsv({ rows, broken, seed, date: DATE, days: 1 })].join('');

/** What goes wrong in each step, so that a permission is needed. */
const stepsOf = () =>
  ({
    calm: {},
    /** So often that the SDK gives up: the message goes back. */
    badConnection: {
      onCall: atFirst('parser', 'GetObject', 3, {
        kind: 'error',
        when: 'before',
        code: 'SlowDown',
        status: 503,
      }),
    },
    databaseAway: {
      onCall: atFirst('consumer', 'ExecuteStatement', 2, {
        kind: 'error',
        when: 'before',
        code: 'DatabaseUnavailableException',
        status: 400,
      }),
    },
    /** In the middle of the rejected rows, which then leave no half file behind. */
    brokenUpload: {
      onCall: atFirst('parser', 'UploadPart', 1, {
        kind: 'error',
        when: 'before',
        code: 'InvalidRequest',
        status: 400,
      }),
    },
    littleTime: {
      onDelivery: ({ functionName }) =>
        functionName.includes('parser') ? { kind: 'time-limit', seconds: 3 } : undefined,
      onCall: atFirst('parser', 'SendMessageBatch', 30, { kind: 'delay', milliseconds: 250 }),
    },
    lostEvent: { onEvent: () => 'lost' },
    /** So late that the object is gone. */
    lateRead: { onCall: atFirst('parser', 'GetObject', 5, { kind: 'delay', milliseconds: 500 }) },
  }) satisfies Record<string, FaultPlan>;

/** A fault at so many of a function's calls of an action. */
function atFirst(functionName: string, action: string, calls: number, fault: CallFault): FaultPlan['onCall'] {
  let left = calls;
  return (call) =>
    call.functionName.includes(functionName) && call.action === action && left-- > 0 ? fault : undefined;
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
  let plan: FaultPlan = {};
  const cloud = await LocalCloud.start({
    directory: new DataDirectory(dataDir),
    assemblyDir,
    faults: {
      onCall: (call) => plan.onCall?.(call),
      onDelivery: (delivery) => plan.onDelivery?.(delivery),
      onEvent: (version) => plan.onEvent?.(version),
    },
    timeLapse: true,
    onProblem: (problem) => {
      if (problem instanceof AccessDeniedError) denied.push(problem);
    },
  });
  try {
    const { rotations } = await readCloudModel(assemblyDir, cloud.running.endpoint);
    const secretArns = rotations.map(({ secretArn }) => secretArn);
    await useEverything(cloud, secretArns, (step) => {
      plan = step;
    });
    if (denied.length > 0) throw denied[0];
    return cloud.access.grants();
  } finally {
    await cloud.stop();
  }
}

/** @param goWrong sets what goes wrong from then on */
async function useEverything(
  cloud: LocalCloud,
  secretArns: readonly string[],
  goWrong: (step: FaultPlan) => void,
): Promise<void> {
  const { connection, outputs } = localAccess(cloud.running);
  const s3 = new S3Client(connection);
  const sqs = new SQSClient(connection);
  const steps = stepsOf();
  const put = async (name: string, Body: string, step: FaultPlan = steps.calm) => {
    goWrong(step);
    const object = { Bucket: outputs.bucketName, Key: keyOf(name) };
    const { VersionId } = await s3.send(new PutObjectCommand({ ...object, Body }));
    return { ...object, VersionId };
  };
  const used = (action: string, of: string) => untilUsed(cloud, action, of);

  await put('connection', csv(20, 0, 1), steps.badConnection);
  await used('sqs:ChangeMessageVisibility', 'parser');
  await put('away', csv(20, 0, 2), steps.databaseAway);
  await used('sqs:ChangeMessageVisibility', 'consumer');
  await put('broken', csv(MANY_ROWS, MANY_ROWS, 3), steps.brokenUpload);
  await used('s3:AbortMultipartUpload', 'parser');
  await put('long', csv(MANY_ROWS, 0, 4), steps.littleTime);
  await used('sqs:SendMessage', 'parser');
  await put('lost', csv(20, 0, 5), steps.lostEvent);
  await s3.send(new DeleteObjectCommand(await put('gone', csv(20, 0, 6), steps.lateRead)));
  for (const QueueUrl of [outputs.uploadQueueUrl, outputs.rowQueueUrl]) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'nobody understands this' }));
  }
  const policyArn = cloud.running.outputs[uploaderPolicyOutput(DEFAULT_STORE)]!;
  const credentials = { accessKeyId: accessKeyOf(policyArn.split('/').at(-1)!), secretAccessKey: 'local' };
  await upload(new S3Client({ ...connection, credentials }), outputs.bucketName);
  const secrets = new SecretsManagerClient(connection);
  for (const SecretId of secretArns) await secrets.send(new RotateSecretCommand({ SecretId }));

  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  while (findUnused(cloud.access.grants()).length > 0 && Date.now() < deadline) {
    await cloud.invoke('sweep');
    await cloud.invoke('verify');
    await sleep(POLL_MILLISECONDS);
  }
  for (const client of [s3, sqs, secrets]) client.destroy();
}

/** Waits until each grant of the action that a function has is used, or for long enough. */
async function untilUsed(cloud: LocalCloud, action: string, functionName: string): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  const isUnused = (grant: HeldGrant) =>
    !grant.isUsed &&
    grant.action === action &&
    grant.holder.includes(functionName) &&
    !grant.resource.includes('deadletter');
  while (cloud.access.grants().some(isUnused) && Date.now() < deadline) await sleep(POLL_MILLISECONDS);
}

/** As a shop's system does: a small file, a large one in parts, and one that is given up half way. */
async function upload(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket, Key: keyOf('small'), Body: csv(10, 0, 7) }));
  const parts = (name: string) =>
    new MultipartUpload({
      client,
      partSize: PART_BYTES,
      params: { Bucket, Key: keyOf(name), Body: Buffer.alloc(PART_BYTES + 1, '\n') },
    });
  await parts('parts').done();
  const given = parts('given_up');
  const done = given.done();
  given.once('httpUploadProgress', () => void given.abort());
  await done.catch(() => undefined);
  client.destroy();
}
