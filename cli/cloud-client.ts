import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { buildUploadKey } from '../lambdas/core/upload-key.ts';
import { type CreatedObject, objectCreatedEvent } from '../lambdas/shared/object-created-event.ts';
import { uploadIdOf } from '../lambdas/shared/upload-id.ts';
import { AnalystDatabase, type SqlValue } from './analyst-database.ts';
import { rememberCalls } from './aws/sent-call.ts';
import { listDropped } from './bucket.ts';
import type { CloudAccess } from './cloud-access.ts';
import { type DeadLetter, type LetterQueue, listDeadLetters, redrive } from './dead-letters.ts';
import { commandLine } from './output/command-line.ts';

/** Parts of this size go up, so that a file of any size needs no more memory. */
const PART_BYTES = 8 * 1024 ** 2;

/** An object version that was put. */
export interface PutUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/** The deployed pipeline as an operator reaches it: through AWS's own APIs and the outputs of the stacks. */
export class CloudClient {
  readonly bucket: string;
  readonly access: CloudAccess;
  #s3: S3Client;
  #database: AnalystDatabase;
  #sqs: SQSClient;

  constructor(access: CloudAccess) {
    this.access = access;
    this.bucket = access.outputs.bucketName;
    this.#s3 = rememberCalls(new S3Client(access.connection));
    this.#sqs = rememberCalls(new SQSClient(access.connection));
    this.#database = new AnalystDatabase(access);
  }

  close(): void {
    this.#s3.destroy();
    this.#sqs.destroy();
    this.#database.close();
  }

  /** A command of this program as it is typed, so that it works on the same cloud. */
  commandLine(args: string): string {
    return commandLine(args + this.access.flags);
  }

  /** Puts a file, in parts where it is large. */
  async putFile(path: string, key: string, onProgress: (bytes: number) => void): Promise<PutUpload> {
    const upload = new MultipartUpload({
      client: this.#s3,
      partSize: PART_BYTES,
      params: { Bucket: this.bucket, Key: key, Body: createReadStream(path), ContentType: 'text/csv' },
    });
    upload.on('httpUploadProgress', ({ loaded }) => onProgress(loaded ?? 0));
    const { VersionId: versionId } = await upload.done();
    if (!versionId) throw new Error(`the bucket ${this.bucket} gave no version: is it versioned?`);
    const object = { bucket: this.bucket, key, versionId };
    return { ...object, uploadId: this.uploadIdOf(object) };
  }

  /** The upload that the deployed parser makes of an object version. */
  uploadIdOf({ bucket, key, versionId }: Omit<PutUpload, 'uploadId'>): string {
    return uploadIdOf(bucket, key, versionId, this.access.outputs.parserRevision);
  }

  /** Every version of what was dropped, in pages, by key and then newest first. */
  listDropped(prefix?: string): AsyncGenerator<CreatedObject[]> {
    return listDropped(this.#s3, this.bucket, prefix);
  }

  /** Sends an object version to the parser, as S3 does when it is created. */
  async announce(object: CreatedObject): Promise<void> {
    const MessageBody = JSON.stringify(objectCreatedEvent(object));
    await this.#sqs.send(
      new SendMessageCommand({ QueueUrl: this.access.outputs.uploadQueueUrl, MessageBody }),
    );
  }

  /** The files whose bytes are not the newest version of their key already. */
  async withoutPresent(files: readonly string[], storeId: string): Promise<string[]> {
    const isMissing = await Promise.all(
      files.map(async (file) => {
        const Key = buildUploadKey({ storeId, fileName: basename(file) });
        const present = await this.#s3
          .send(new HeadObjectCommand({ Bucket: this.bucket, Key }))
          .catch(() => undefined);
        const md5 = createHash('md5')
          .update(await readFile(file))
          .digest('hex');
        return present?.ETag !== `"${md5}"`;
      }),
    );
    return files.filter((_, index) => isMissing[index]);
  }

  async listDeadLetters(): Promise<DeadLetter[]> {
    const lists = await Promise.all(this.#letterQueues().map((queue) => listDeadLetters(this.#sqs, queue)));
    return lists.flat();
  }

  /** Sends dead letters back to their queues. @returns those that went */
  async redrive(isWanted: (letter: DeadLetter) => boolean): Promise<DeadLetter[]> {
    const lists = await Promise.all(this.#letterQueues().map((queue) => redrive(this.#sqs, queue, isWanted)));
    return lists.flat();
  }

  #letterQueues(): LetterQueue[] {
    const { uploadQueueUrl, uploadDeadLetterQueueUrl, rowQueueUrl, rowDeadLetterQueueUrl } =
      this.access.outputs;
    return [
      { name: 'uploads', queueUrl: uploadQueueUrl, deadLetterQueueUrl: uploadDeadLetterQueueUrl },
      { name: 'rows', queueUrl: rowQueueUrl, deadLetterQueueUrl: rowDeadLetterQueueUrl },
    ];
  }

  /** Runs a statement as the analyst and returns its rows by column name. */
  query(sql: string, parameters: Readonly<Record<string, string>>): Promise<Record<string, SqlValue>[]> {
    return this.#database.query(sql, parameters);
  }
}
