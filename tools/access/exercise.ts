import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { localAccess } from '../../cli/local-access.ts';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import {
  buildReceiptKey,
  buildUploadKey,
  DEFAULT_STORE,
  RECEIPTS_PREFIX,
} from '../../lambdas/core/upload-key.ts';
import { uploaderPolicyOutput } from '../../lambdas/shared/stacks.ts';
import { buildS3Event } from '../../lambdas/shared/upload-message.ts';
import { readCloudModel } from '../../local/assembly/read-cloud-model.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import type { FaultPlan } from '../../local/faults/fault-plan.ts';
import { AccessDeniedError, accessKeyOf, type HeldGrant } from '../../local/iam/access-control.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import { generateCsv } from '../generator/generator.ts';
import { makeZip } from '../make-zip.ts';
import { atFirst, failFirst, isFunction } from './call-faults.ts';
import { useApi } from './exercise-api.ts';
import { findUnused } from './report.ts';
import { waitUntilUsed, waitWhile } from './wait.ts';

/** Minimum size of a part, except the last (S3 user guide, "Multipart upload limits"). */
const PART_BYTES = 5 * 1024 ** 2;
/** Enough that rejected rows fill more than one part, and valid rows fill many batches. */
const MANY_ROWS = 45_000;
const DATE = '2025-03-14';
/** Attempts of the SDK for one call. */
const SDK_ATTEMPTS = 3;

/** Time after which the loader has given up to tell the notifier. */
const GIVE_UP_MILLISECONDS = 3_000;

const buildKey = (name: string) =>
  buildUploadKey({ storeId: DEFAULT_STORE, fileName: `retail_14_03_2025_${name}.csv` });
const generateText = (rows: number, broken: number, seed: number) =>
  [...generateCsv({ rows, broken, seed, date: DATE, days: 1 })].join('');

/**
 * Makes every function, service and uploader of an assembly use all of its permissions.
 * @param assemblyDir an assembly with short messages and waits
 * @param dataDir data directory of the local cloud
 * @returns every grant, and whether it was used
 * @throws {Error} the first call that no policy allows
 */
export async function exercise(assemblyDir: string, dataDir: string): Promise<HeldGrant[]> {
  const denied: Error[] = [];
  // The local cloud asks this plan at every call: to change it changes the faults.
  const faults: FaultPlan = {};
  const cloud = await LocalCloud.start({
    project: LOCAL_PROJECT,
    directory: new DataDirectory(dataDir),
    assemblyDir,
    faults,
    timeLapse: true,
    onProblem: (problem) => {
      if (problem instanceof AccessDeniedError) denied.push(problem);
    },
  });
  try {
    await useEverything(cloud, assemblyDir, faults);
    if (denied.length > 0) throw denied[0];
    return cloud.access.grants();
  } finally {
    await cloud.stop();
  }
}

/** @param faults receives the faults under which each permission is needed */
async function useEverything(cloud: LocalCloud, assemblyDir: string, faults: FaultPlan): Promise<void> {
  const { connection, outputs } = localAccess(cloud.running);
  const s3 = new S3Client(connection);
  const sqs = new SQSClient(connection);
  const secrets = new SecretsManagerClient(connection);
  const put = async (name: string, Body: string | Buffer, { onCall, onDelivery, onEvent }: FaultPlan) => {
    Object.assign(faults, { onCall, onDelivery, onEvent });
    const object = { Bucket: outputs.bucketName, Key: buildKey(name) };
    const { VersionId } = await s3.send(new PutObjectCommand({ ...object, Body }));
    return { ...object, VersionId };
  };

  // More failures than the SDK retries: the message returns to the queue.
  await put('connection', generateText(20, 0, 1), failFirst('parse', 'GetObject', 3, 'SlowDown', 503));
  await waitUntilUsed(cloud, 'sqs:ChangeMessageVisibility', 'parse');
  const databaseDown = failFirst('load', 'ExecuteStatement', 2, 'DatabaseUnavailableException', 400);
  await put('down', generateText(20, 0, 2), databaseDown);
  await waitUntilUsed(cloud, 'sqs:ChangeMessageVisibility', 'load');
  // Fails in the middle of the file of rejected rows and of a file of an archive, which are then removed.
  const brokenParts = failFirst('parse', 'UploadPart', 50, 'InvalidRequest', 400);
  const tills = [generateText(10, 0, 8), '\n'.repeat(PART_BYTES + 1)].map((text, index) => {
    return { name: `till-${index}.csv`, content: Buffer.from(text) };
  });
  await put('broken', generateText(MANY_ROWS, MANY_ROWS, 3), brokenParts);
  await put('tills', makeZip(tills), brokenParts);
  await waitUntilUsed(cloud, 's3:AbortMultipartUpload', 'parse');
  await put('long', generateText(MANY_ROWS, 0, 4), {
    onDelivery: ({ functionName }) =>
      isFunction(functionName, 'parse') ? { kind: 'time-limit', seconds: 3 } : undefined,
    ...atFirst('parse', 'SendMessageBatch', 30, { kind: 'delay', milliseconds: 250 }),
  });
  await waitUntilUsed(cloud, 'sqs:SendMessage', 'parse');
  // An event that comes twice: the second time, the record of the first reading is read.
  const { Bucket: bucket, Key: key, VersionId = '' } = await put('repeated', generateText(20, 0, 8), {});
  const repeated = buildS3Event({ bucket, key, versionId: VersionId, receivedAt: new Date().toISOString() });
  const QueueUrl = outputs.uploadQueueUrl;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(repeated) }));
  // The receipt is written, and found when the message returns. Notices of earlier files may fail too.
  await put(
    'noticed',
    generateText(20, 0, 10),
    failFirst('notify', 'PutEvents', 5 * SDK_ATTEMPTS, 'ThrottlingException', 400),
  );
  await waitUntilUsed(cloud, 'sqs:ChangeMessageVisibility', 'notify');
  // The loader gives up, and the sweeper tells the notifier.
  let failures = 0;
  const silent = failFirst('load', 'SendMessage', Number.POSITIVE_INFINITY, 'SlowDown', 503);
  await put('unnoticed', generateText(20, 0, 9), {
    onCall: (call) => {
      const fault = silent.onCall!(call);
      if (fault !== undefined) failures++;
      return fault;
    },
  });
  await waitWhile(() => failures < SDK_ATTEMPTS);
  await sleep(GIVE_UP_MILLISECONDS);
  await put('lost', generateText(20, 0, 5), { onEvent: () => 'lost' });
  // Delays the read until the object is deleted.
  const lateRead = atFirst('parse', 'GetObject', 5, { kind: 'delay', milliseconds: 500 });
  await s3.send(new DeleteObjectCommand(await put('deleted', generateText(20, 0, 6), lateRead)));
  await useApi(cloud, sqs, faults);
  for (const QueueUrl of [outputs.uploadQueueUrl, outputs.rowQueueUrl, outputs.noticeQueueUrl]) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'not a message of the pipeline' }));
  }
  const policyArn = cloud.running.outputs[uploaderPolicyOutput(DEFAULT_STORE)]!;
  const accessKeyId = accessKeyOf(policyArn.split('/').at(-1)!);
  const credentials = { accessKeyId, secretAccessKey: cloud.keys.secretOf(accessKeyId) };
  await uploadAsStore(new S3Client({ ...connection, credentials }), outputs.bucketName);
  // The verifier reads a receipt of a file that the database does not have.
  const unknown = { storeId: DEFAULT_STORE, fileName: 'unknown.csv', fileId: 'ffffffff' };
  const Key = buildReceiptKey(unknown, 1, 'json');
  await s3.send(new PutObjectCommand({ Bucket: outputs.bucketName, Key, Body: '{}' }));
  const model = await readCloudModel(assemblyDir, cloud.running.endpoint, LOCAL_PROJECT.leftOutStacks);
  for (const { secretArn: SecretId } of model.rotations) {
    await secrets.send(new RotateSecretCommand({ SecretId }));
  }
  const scheduledArns = model.schedules.flatMap(({ functionArns }) => functionArns);
  const scheduled = model.functions.filter(({ arn }) => scheduledArns.includes(arn));
  await waitWhile(
    () => findUnused(cloud.access.grants()).length > 0,
    async () => {
      for (const { environment } of scheduled) {
        await cloud.invoke(environment[LOCAL_PROJECT.functionNameVariable]!);
      }
    },
  );
  for (const client of [s3, sqs, secrets]) client.destroy();
}

/** Uploads as a shop's system does: a small file, a large one in parts, and one that is aborted; and reads a receipt. */
async function uploadAsStore(client: S3Client, Bucket: string): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket, Key: buildKey('small'), Body: generateText(10, 0, 7) }));
  const uploadParts = (name: string) =>
    new MultipartUpload({
      client,
      partSize: PART_BYTES,
      params: { Bucket, Key: buildKey(name), Body: Buffer.alloc(PART_BYTES + 1, '\n') },
    });
  await uploadParts('parts').done();
  const aborted = uploadParts('aborted');
  const done = aborted.done();
  aborted.once('httpUploadProgress', () => void aborted.abort());
  await done.catch(() => undefined);
  const { Contents: [receipt] = [] } = await client.send(
    new ListObjectsV2Command({ Bucket, Prefix: `${RECEIPTS_PREFIX}store=${DEFAULT_STORE}/` }),
  );
  await client.send(new GetObjectCommand({ Bucket, Key: receipt!.Key }));
  client.destroy();
}
