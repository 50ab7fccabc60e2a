import { createReadStream } from 'node:fs';
import { mkdtempDisposable, open, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { RowBatch } from '../core/row-batch.ts';
import { type RulesDocument, rulesFor } from '../core/rules.ts';
import { INCOMING_PREFIX, readStore } from '../core/upload-key.ts';
import type { Limits } from '../shared/readings.ts';
import { createUpload } from '../shared/upload-message.ts';
import { parseObject } from './parse-object.ts';

/** A file of this machine, and the key that its object would have. */
export interface FileToCheck {
  readonly path: string;
  readonly key: string;
}

/** Settings by which files are read. */
export interface ParserSettings {
  readonly document: RulesDocument;
  readonly limits: Limits;
}

const BUCKET = 'this-machine';
const KEPT_BYTES = 16 * 1_048_576;
/** Size of the parts of an object (`@aws-sdk/lib-storage`, the default). */
const PART_BYTES = 5 * 1_048_576;
const NO_BYTES = new Uint8Array();
/** The clients send nothing: their calls are answered here. */
const NOWHERE = { region: 'us-east-1', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } };

/**
 * Parses a file as the parser would if it were uploaded now, and nothing else: the calls of the parser read the file, and
 * its messages are passed on. The files of an archive follow it.
 * @param onBatch is called for each batch of the file, in their order
 */
export async function checkFile(
  file: FileToCheck,
  { document, limits }: ParserSettings,
  onBatch: (batch: RowBatch) => Promise<void>,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'retail-check-'));
  const files = [file];
  const s3 = answerS3(files, folder.path);
  let passed = Promise.resolve();
  const sqs = answerSqs((batches) => {
    // Two calls are in progress at a time.
    passed = passed.then(async () => {
      for (const batch of batches) await onBatch(batch);
    });
    return passed;
  });
  const receivedAt = new Date().toISOString();
  // An archive adds its files to the list.
  for (const { key } of files) {
    const upload = createUpload({ bucket: BUCKET, key, versionId: 'checked', receivedAt }, '');
    const { maxMessageBytes, ...others } = limits;
    const settings = { rules: rulesFor(document, readStore(key)), maxMessageBytes };
    const resources = { s3, sqs, rowQueueUrl: '', settings, ...others, keptBytes: KEPT_BYTES };
    await parseObject({ upload }, resources, () => false);
  }
  await passed;
}

function answerSqs(onBatches: (batches: readonly RowBatch[]) => Promise<void>): SQSClient {
  const send = async (command: unknown) => {
    if (!(command instanceof SendMessageBatchCommand)) throw new Error('unexpected call of SQS');
    const { Entries = [] } = command.input;
    await onBatches(Entries.map(({ MessageBody }) => JSON.parse(MessageBody!) as RowBatch));
    return { Successful: Entries.map(({ Id }) => ({ Id })) };
  };
  return Object.assign(new SQSClient(NOWHERE), { send });
}

/**
 * Answers the parser's calls of S3.
 * @param files that can be read; an object under `incoming/` becomes one of them, and any other one is forgotten
 */
function answerS3(files: FileToCheck[], folder: string): S3Client {
  const create = async (key: string, body: Uint8Array) => {
    const path = join(folder, String(files.length));
    await writeFile(path, body);
    if (key.startsWith(INCOMING_PREFIX)) files.push({ path, key });
  };
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof GetObjectCommand) return readRange(files, command.input);
    if (command instanceof ListObjectsV2Command || command instanceof CompleteMultipartUploadCommand)
      return {};
    if (command instanceof PutObjectCommand || command instanceof CreateMultipartUploadCommand) {
      const { Key = '' } = command.input;
      await create(Key, command instanceof PutObjectCommand ? (command.input.Body as Uint8Array) : NO_BYTES);
      return { UploadId: Key };
    }
    if (command instanceof UploadPartCommand) {
      const { Key, PartNumber = 1, Body } = command.input;
      const file = files.find(({ key }) => key === Key);
      if (file !== undefined) await writeAt(file.path, (PartNumber - 1) * PART_BYTES, Body as Uint8Array);
      return { ETag: String(PartNumber) };
    }
    throw new Error('the parser called S3 in an unknown way');
  };
  return Object.assign(new S3Client(NOWHERE), { send });
}

async function readRange(files: readonly FileToCheck[], { Key, Range }: GetObjectCommandInput) {
  const { path } = files.find(({ key }) => key === Key)!;
  const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(Range ?? '') ?? [];
  const { size } = await stat(path);
  const last = end === '' ? size - 1 : Math.min(Number(end), size - 1);
  const range = { start: Number(start), end: Math.max(last, 0) };
  return { Body: createReadStream(path, range), ContentLength: Math.max(last - range.start + 1, 0) };
}

async function writeAt(path: string, position: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, position);
  } finally {
    await file.close();
  }
}
