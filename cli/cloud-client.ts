import { createReadStream } from 'node:fs';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { Database, type SqlValue } from '../lambdas/shared/data-api.ts';
import type { StackOutputs } from '../lambdas/shared/stacks.ts';
import { computeUploadId, joinRevision, splitRevision } from '../lambdas/shared/upload-id.ts';
import { buildS3Event, type CreatedObject } from '../lambdas/shared/upload-message.ts';
import { rememberCalls } from './aws/calls.ts';
import { formatCommand, terminal } from './output/console.ts';

/** Size of the parts of an upload: memory stays the same for files of any size. */
const PART_BYTES = 8 * 1024 ** 2;
const CONTENT_TYPES = [
  [/\.(?:ndjson|jsonl)$/i, 'application/x-ndjson'],
  [/\.(?:xlsx|xlsm|ods|gz|zip)$/i, 'application/octet-stream'],
] as const;
/** A paused cluster takes about 15 seconds to resume, and longer after a day. */
const RESUME_WAIT_MILLISECONDS = 180_000;

/** Settings of the SDK's clients; it finds the undefined ones in the environment and the profile. */
export interface Connection {
  readonly endpoint?: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A stage's deployed stacks, or those that run on this machine. */
export interface CloudAccess {
  readonly connection: Connection;
  readonly outputs: StackOutputs;
  /** Options that make another command work on the same cloud; empty for the local one. */
  readonly flags: readonly string[];
  readonly name: string;
  /** Says what happens to running uploads when the cloud stops answering. */
  readonly afterLoss: string;
  /** Time between two looks at running uploads. */
  readonly pollMilliseconds: number;
}

export interface PutUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

/** The deployed pipeline for an operator: AWS's own APIs at the addresses that the stacks' outputs give. */
export class CloudClient {
  readonly bucket: string;
  readonly access: CloudAccess;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  #database: Database;

  constructor(access: CloudAccess, note: (text: string) => void = terminal.note) {
    const { connection, outputs } = access;
    this.access = access;
    this.bucket = outputs.bucketName;
    this.s3 = rememberCalls(new S3Client(connection));
    this.sqs = rememberCalls(new SQSClient(connection));
    let isTold = false;
    const onResuming = () => {
      if (!isTold) note('The database was paused and is resuming. This takes a moment …');
      isTold = true;
    };
    this.#database = new Database(
      { ...outputs, secretArn: outputs.operatorSecretArn },
      { connection, onResuming },
    );
    rememberCalls(this.#database.client);
  }

  close(): void {
    for (const client of [this.s3, this.sqs, this.#database.client]) client.destroy();
  }

  /** Formats a command of this program so that it works on the same cloud. */
  commandLine(...words: readonly string[]): string {
    return formatCommand(...words, ...this.access.flags);
  }

  async putFile(path: string, key: string, onProgress: (bytes: number) => void): Promise<PutUpload> {
    const ContentType = CONTENT_TYPES.find(([names]) => names.test(key))?.[1] ?? 'text/csv';
    const upload = new MultipartUpload({
      client: this.s3,
      partSize: PART_BYTES,
      params: { Bucket: this.bucket, Key: key, Body: createReadStream(path), ContentType },
    });
    upload.on('httpUploadProgress', ({ loaded }) => onProgress(loaded ?? 0));
    const { VersionId: versionId } = await upload.done();
    if (!versionId) throw new Error(`the bucket ${this.bucket} returned no version id: turn on versioning`);
    const object = { bucket: this.bucket, key, versionId };
    return { ...object, uploadId: this.uploadIdOf(object) };
  }

  /**
   * Returns the revision with which the deployed parser reads.
   * @param settings hash of the settings of an earlier reading @default those of the deployed parser
   */
  revisionOf(settings = 'current'): string {
    const { parserRevision } = this.access.outputs;
    return settings === 'current'
      ? parserRevision
      : joinRevision({ code: splitRevision(parserRevision).code, settings });
  }

  /** Computes the id under which the deployed parser loads an object version. */
  uploadIdOf({ bucket, key, versionId }: Omit<PutUpload, 'uploadId'>, settings?: string): string {
    return computeUploadId({ bucket, key, versionId, revision: this.revisionOf(settings) });
  }

  /**
   * Sends an object version to the parser, as S3 does when the version is created.
   * @param settings to read it by, as in a `ReadRequest`
   */
  async announce(object: CreatedObject, settings?: string): Promise<void> {
    const MessageBody = JSON.stringify(buildS3Event(object, settings));
    await this.sqs.send(
      new SendMessageCommand({ QueueUrl: this.access.outputs.uploadQueueUrl, MessageBody }),
    );
  }

  /** Runs a statement as the operator and returns its rows by column name. */
  query(sql: string, parameters: Readonly<Record<string, string>> = {}): Promise<Record<string, SqlValue>[]> {
    return this.#database.namedRows(sql, parameters, Date.now() + RESUME_WAIT_MILLISECONDS);
  }

  /** Runs a statement as the operator and returns each row as the texts of its columns. */
  rows(sql: string, parameters: Readonly<Record<string, string>>): Promise<string[][]> {
    return this.#database.rows(sql, parameters, Date.now() + RESUME_WAIT_MILLISECONDS);
  }
}
