import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { SlowArchiveError } from '../core/archive/archive.ts';
import { closeUnpacked, refuseUpload } from '../core/batches/closing-batch.ts';
import { isDecisionKey } from '../core/decision.ts';
import {
  type Checkpoint,
  describeContainer,
  type ParsedBatch,
  type ParseSettings,
  parseBatches,
  type UploadBytes,
} from '../core/parse.ts';
import type { Failure } from '../core/reject-codes.ts';
import { type CallReceipt, encodeMessage, type Upload } from '../core/row-batch.ts';
import { findStoreFault } from '../core/rules.ts';
import { findKeyFault } from '../core/upload-key.ts';
import type { ParseTask } from '../shared/upload-message.ts';
import { openObject } from './bytes/open-object.ts';
import { UnreadableObjectError, VersionReader } from './bytes/version-reader.ts';
import { countRejects } from './count-rejects.ts';
import { type ClosableBytes, FirstReading } from './first-reading.ts';
import { readDecision } from './read-decision.ts';
import { RejectedFile } from './rejected-file.ts';
import { RowQueueSender } from './row-queue-sender.ts';
import { unpackFiles } from './unpack-files.ts';

export interface ParserResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly rowQueueUrl: string;
  readonly settings: ParseSettings;
  readonly maxUnpackedMiB: number;
  readonly maxRejectedRows: number;
  /** Number of bytes of a file that are kept between two readings. */
  readonly keptBytes: number;
}

/** The last batch that was sent; or, while rejected rows are counted, the point at which the count continues. */
export type ParseResult =
  | (ParsedBatch & { readonly isCounting?: never })
  | { readonly next: Checkpoint; readonly isCounting: true };

/**
 * Parses one object version and sends its batches. The rejected rows of a file that is long enough for too many are
 * counted before any row is sent, so that a refused file leaves no row behind.
 * @param isTimeUp is asked after each batch
 * @param isLastTry refuses an object that S3 does not return or that unpacks too slowly; otherwise the error is thrown
 * @param version reads the object
 * @returns the result. The row queue then has the last batch and all batches before it.
 */
export async function parseObject(
  task: ParseTask,
  resources: ParserResources,
  isTimeUp: () => boolean,
  isLastTry = false,
  version = new VersionReader(resources.s3, task.upload),
): Promise<ParseResult> {
  const { upload } = task;
  if (isDecisionKey(upload.key)) {
    return sendOnly(await readDecision(upload, version, resources.settings.rules, isLastTry), resources);
  }
  const fault = findKeyFault(upload.key) ?? findStoreFault(upload, resources.settings.rules);
  if (fault !== undefined) return refuse(upload, fault, {}, resources);
  try {
    return await readAndParse(task, version, resources, isTimeUp);
  } catch (error) {
    const isUnreadable = error instanceof UnreadableObjectError || error instanceof SlowArchiveError;
    if (!isLastTry || !isUnreadable) throw error;
    return refuse(upload, error.failure, {}, resources);
  }
}

async function readAndParse(
  { upload, checkpoint, isCounting = false }: ParseTask,
  version: VersionReader,
  resources: ParserResources,
  isTimeUp: () => boolean,
): Promise<ParseResult> {
  const { settings, maxUnpackedMiB, maxRejectedRows, keptBytes } = resources;
  const reading = new FirstReading(maxRejectedRows, keptBytes);
  const limits = { maxUnpackedMiB, rules: settings.rules };
  const first = await openObject(version, limits, checkpoint, isTimeUp, (chunk) => reading.add(chunk));
  if ('failure' in first) return refuse(upload, first.failure, first, resources);
  if ('files' in first) {
    const { files } = first;
    const failure = await unpackFiles(resources.s3, upload, files, maxUnpackedMiB, isTimeUp);
    if (failure !== undefined) return refuse(upload, failure, first, resources);
    return sendOnly(closeUnpacked(upload, files.length), resources);
  }
  // A rejected row has at least one byte and its line terminator, and the header has more.
  if (!isCounting && (checkpoint !== undefined || first.length <= 2 * maxRejectedRows)) {
    return sendBatches(upload, { ...first, checkpoint }, resources, isTimeUp);
  }
  const { compression, workbook } = first;
  const reopen = async () => {
    const position = { compression, source: { byte: 0 } };
    const object = await openObject(version, limits, position, isTimeUp);
    if ('files' in object) throw new Error('the object version changed between two readings');
    return object;
  };
  // An archive was unpacked to its end when it was opened, and can still be read from its beginning.
  const isRead = !isCounting && compression === undefined;
  if (isRead) await reading.read(first, isTimeUp);
  if (isCounting || reading.canExceed) {
    const counted = isRead ? await reopen() : first;
    if ('failure' in counted) return refuse(upload, counted.failure, counted, resources);
    const bytes = { ...counted, checkpoint };
    const counts = await countRejects(upload, bytes, settings, maxRejectedRows, isTimeUp);
    const { failure, receipts, next } = counts;
    if (next !== undefined) return { next, isCounting: true };
    if (failure !== undefined) {
      return refuse(upload, failure, { compression, workbook }, resources, receipts);
    }
  }
  const kept = isCounting ? undefined : reading.takeBytes();
  const second = kept === undefined ? await reopen() : { ...kept, compression, workbook };
  if ('failure' in second) return refuse(upload, second.failure, second, resources);
  return sendBatches(upload, second, resources, isTimeUp);
}

async function refuse(
  upload: Upload,
  failure: Failure,
  container: Pick<UploadBytes, 'compression' | 'workbook'>,
  resources: ParserResources,
  receipts?: readonly CallReceipt[],
): Promise<ParsedBatch> {
  return sendOnly(refuseUpload(upload, failure, describeContainer(container), receipts), resources);
}

/** Sends the only batch of an upload. */
async function sendOnly(only: ParsedBatch, { sqs, rowQueueUrl }: ParserResources): Promise<ParsedBatch> {
  const sender = new RowQueueSender(sqs, rowQueueUrl);
  await sender.send(encodeMessage(only.batch));
  await sender.flush();
  return only;
}

async function sendBatches(
  upload: Upload,
  bytes: ClosableBytes,
  { s3, sqs, rowQueueUrl, settings }: ParserResources,
  isTimeUp: () => boolean,
): Promise<ParsedBatch> {
  const sender = new RowQueueSender(sqs, rowQueueUrl);
  const rejectedFile = new RejectedFile(s3, upload, bytes.checkpoint?.batch ?? 1);
  try {
    let last: ParsedBatch | undefined;
    for await (const parsed of parseBatches(upload, bytes, settings)) {
      await rejectedFile.write(parsed.batch);
      await sender.send(encodeMessage(parsed.batch));
      last = parsed;
      if (isTimeUp()) break;
    }
    await rejectedFile.close();
    await sender.flush();
    return last!;
  } catch (error) {
    await rejectedFile.abort();
    throw error;
  } finally {
    bytes.close();
  }
}
