import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { localAccess } from '../../cli/local-access.ts';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { buildUploadKey, DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { uploaderPolicyOutput } from '../../lambdas/shared/stacks.ts';
import { readCloudModel } from '../../local/assembly/read-cloud-model.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import type { CallFault, FaultPlan } from '../../local/faults/fault-plan.ts';
import { AccessDeniedError, accessKeyOf, type HeldGrant } from '../../local/iam/access-control.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import { generateCsv } from '../generator/generator.ts';
import { findUnused } from './report.ts';

const TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 500;
/** Minimum size of a part, except the last (S3 user guide, "Multipart upload limits"). */
const PART_BYTES = 5 * 1024 ** 2;
/** Enough that rejected rows fill more than one part, and valid rows fill many batches. */
const MANY_ROWS = 45_000;
const DATE = '2025-03-14';

type Folder = 'parse' | 'load';

const keyOf = (name: string) =>
  buildUploadKey({ storeId: DEFAULT_STORE, fileName: `retail_14_03_2025_${name}.csv` });
const csv = (rows: number, broken: number, seed: number) =>
  [...generateCsv({ rows, broken, seed, date: DATE, days: 1 })].join('');

/** Makes the faults under which each permission is needed. */
const makeFaults = () =>
  ({
    /** More failures than the SDK retries: the message returns to the queue. */
    badConnection: { onCall: failFirst('parse', 'GetObject', 3, 'SlowDown', 503) },
    databaseDown: { onCall: failFirst('load', 'ExecuteStatement', 2, 'DatabaseUnavailableException', 400) },
    /** Fails in the middle of the file of rejected rows, which is then removed. */
    brokenUpload: { onCall: failFirst('parse', 'UploadPart', 1, 'InvalidRequest', 400) },
    shortTimeout: {
      onDelivery: ({ functionName }) =>
        isFunction(functionName, 'parse') ? { kind: 'time-limit', seconds: 3 } : undefined,
      onCall: atFirst('parse', 'SendMessageBatch', 30, { kind: 'delay', milliseconds: 250 }),
    },
    lostEvent: { onEvent: () => 'lost' },
    /** Delays the read until the object is deleted. */
    lateRead: { onCall: atFirst('parse', 'GetObject', 5, { kind: 'delay', milliseconds: 500 }) },
  }) satisfies Record<string, FaultPlan>;

/** Injects a fault at the first calls of an action by a function. */
function atFirst(folder: Folder, action: string, calls: number, fault: CallFault): FaultPlan['onCall'] {
  let left = calls;
  return (call) =>
    isFunction(call.functionName, folder) && call.action === action && left-- > 0 ? fault : undefined;
}

function failFirst(folder: Folder, action: string, calls: number, code: string, status: number) {
  return atFirst(folder, action, calls, { kind: 'error', when: 'before', code, status });
}

/** Tests a function's name, such as `retail-dev-pipeline-parse…`. */
function isFunction(name: string, folder: Folder): boolean {
  return name.includes(`-pipeline-${folder}`);
}

/**
 * Makes every function, service and uploader of an assembly use all of its permissions.
 * @param assemblyDir an assembly with short messages and waits
 * @param dataDir data directory of the local cloud
 * @returns every grant, and whether it was used
 * @throws {Error} the first call that no policy allows
 */
export async function exercise(assemblyDir: string, dataDir: string): Promise<HeldGrant[]> {
  const denied: Error[] = [];
  let faults: FaultPlan = {};
  const cloud = await LocalCloud.start({
    project: LOCAL_PROJECT,
    directory: new DataDirectory(dataDir),
    assemblyDir,
    faults: {
      onCall: (call) => faults.onCall?.(call),
      onDelivery: (delivery) => faults.onDelivery?.(delivery),
      onEvent: (version) => faults.onEvent?.(version),
    },
    timeLapse: true,
    onProblem: (problem) => {
      if (problem instanceof AccessDeniedError) denied.push(problem);
    },
  });
  try {
    await useEverything(cloud, assemblyDir, (plan) => {
      faults = plan;
    });
    if (denied.length > 0) throw denied[0];
    return cloud.access.grants();
  } finally {
    await cloud.stop();
  }
}

/** @param inject sets the faults from then on */
async function useEverything(
  cloud: LocalCloud,
  assemblyDir: string,
  inject: (faults: FaultPlan) => void,
): Promise<void> {
  const { connection, outputs } = localAccess(cloud.running);
  const s3 = new S3Client(connection);
  const sqs = new SQSClient(connection);
  const secrets = new SecretsManagerClient(connection);
  const faults = makeFaults();
  const put = async (name: string, Body: string, plan: FaultPlan) => {
    inject(plan);
    const object = { Bucket: outputs.bucketName, Key: keyOf(name) };
    const { VersionId } = await s3.send(new PutObjectCommand({ ...object, Body }));
    return { ...object, VersionId };
  };

  await put('connection', csv(20, 0, 1), faults.badConnection);
  await waitUntilUsed(cloud, 'sqs:ChangeMessageVisibility', 'parse');
  await put('down', csv(20, 0, 2), faults.databaseDown);
  await waitUntilUsed(cloud, 'sqs:ChangeMessageVisibility', 'load');
  await put('broken', csv(MANY_ROWS, MANY_ROWS, 3), faults.brokenUpload);
  await waitUntilUsed(cloud, 's3:AbortMultipartUpload', 'parse');
  await put('long', csv(MANY_ROWS, 0, 4), faults.shortTimeout);
  await waitUntilUsed(cloud, 'sqs:SendMessage', 'parse');
  await put('lost', csv(20, 0, 5), faults.lostEvent);
  await s3.send(new DeleteObjectCommand(await put('deleted', csv(20, 0, 6), faults.lateRead)));
  for (const QueueUrl of [outputs.uploadQueueUrl, outputs.rowQueueUrl]) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'not a message of the pipeline' }));
  }
  const policyArn = cloud.running.outputs[uploaderPolicyOutput(DEFAULT_STORE)]!;
  const credentials = { accessKeyId: accessKeyOf(policyArn.split('/').at(-1)!), secretAccessKey: 'local' };
  await uploadAsStore(new S3Client({ ...connection, credentials }), outputs.bucketName);
  const model = await readCloudModel(assemblyDir, cloud.running.endpoint, LOCAL_PROJECT.leftOutStacks);
  for (const { secretArn: SecretId } of model.rotations) {
    await secrets.send(new RotateSecretCommand({ SecretId }));
  }
  const scheduledArns = model.schedules.flatMap(({ functionArns }) => functionArns);
  const scheduled = model.functions.filter(({ arn }) => scheduledArns.includes(arn));

  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  while (findUnused(cloud.access.grants()).length > 0 && Date.now() < deadline) {
    for (const { environment } of scheduled)
      await cloud.invoke(environment[LOCAL_PROJECT.functionNameVariable]!);
    await sleep(POLL_MILLISECONDS);
  }
  for (const client of [s3, sqs, secrets]) client.destroy();
}

/** Waits until a function has used each of its grants of an action, at most until the timeout. */
async function waitUntilUsed(cloud: LocalCloud, action: string, folder: Folder): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  const isUnused = (grant: HeldGrant) =>
    !grant.isUsed &&
    grant.action === action &&
    grant.holder.includes(':lambda:') &&
    isFunction(grant.holder, folder) &&
    !grant.resource.includes('deadletter');
  while (cloud.access.grants().some(isUnused) && Date.now() < deadline) await sleep(POLL_MILLISECONDS);
}

/** Uploads as a shop's system does: a small file, a large one in parts, and one that is aborted. */
async function uploadAsStore(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket, Key: keyOf('small'), Body: csv(10, 0, 7) }));
  const uploadParts = (name: string) =>
    new MultipartUpload({
      client,
      partSize: PART_BYTES,
      params: { Bucket, Key: keyOf(name), Body: Buffer.alloc(PART_BYTES + 1, '\n') },
    });
  await uploadParts('parts').done();
  const aborted = uploadParts('aborted');
  const done = aborted.done();
  aborted.once('httpUploadProgress', () => void aborted.abort());
  await done.catch(() => undefined);
  client.destroy();
}
