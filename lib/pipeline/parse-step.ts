import { createHash } from 'node:crypto';
import { FileSystem, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Bucket, EventType, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { parseBasisPoints } from '../../lambdas/core/money.ts';
import { INCOMING_PREFIX, REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import { PARSER_SETTINGS, PARSER_VARIABLES } from '../../lambdas/parse/environment.ts';
import { type Environment, writeEnvironment } from '../../lambdas/shared/environment.ts';
import type { Settings } from '../settings/read-settings.ts';
import { PipelineFunction } from './function.ts';
import { StageQueue } from './step-queue.ts';

/** The longest that Lambda allows: the file, not the clock, should end a parse. */
const TIMEOUT_SECONDS = 900;
/** One upload an invocation: files are of any size. */
const BATCH_SIZE = 1;

export interface ParseStageProps {
  readonly settings: Settings;
  /** Encrypts messages, secrets and logs. */
  readonly key: IKey | undefined;
  readonly uploadBucket: IBucket;
  readonly rows: StageQueue;
}

/** S3 incoming/ → upload queue → parser → row queue, and S3 rejected/. */
export class ParseStage extends Construct {
  readonly uploads: StageQueue;
  readonly parser: PipelineFunction;
  /** Another one where the parser may read a file in another way: each revision's uploads are its own. */
  readonly revision: string;

  constructor(scope: Construct, id: string, { settings, key, uploadBucket, rows }: ParseStageProps) {
    super(scope, id);
    const parserSettings = {
      basisPoints: parseBasisPoints(settings.taxPercent),
      maxMessageBytes: settings.maxMessageBytes,
      maxUnpackedMiB: settings.maxUnpackedMiB,
      unknownColumns: settings.unknownColumns,
    };
    this.revision = parserRevision(parserSettings);
    this.uploads = new StageQueue(this, 'Uploads', { timeoutSeconds: TIMEOUT_SECONDS, key });
    this.parser = new PipelineFunction(this, 'Parser', {
      folder: 'parse',
      description: 'Validates the rows of an upload and sends them to the row queue in batches.',
      memoryMiB: settings.parserMemoryMiB,
      timeoutSeconds: TIMEOUT_SECONDS,
      settings,
      key,
      environment: writeEnvironment(PARSER_VARIABLES, {
        ...parserSettings,
        revision: this.revision,
        uploadQueueUrl: this.uploads.queue.queueUrl,
        uploadDeadLetterQueueUrl: this.uploads.deadLetterQueue.queueUrl,
        rowQueueUrl: rows.queue.queueUrl,
      }),
    });
    this.parser.allow(['s3:GetObjectVersion'], [uploadBucket.arnForObjects(`${INCOMING_PREFIX}*`)]);
    // Without it S3 answers "access denied" for an object that is gone.
    this.parser.allow(['s3:ListBucket'], [uploadBucket.bucketArn]);
    this.parser.allow(
      ['s3:PutObject', 's3:AbortMultipartUpload'],
      [uploadBucket.arnForObjects(`${REJECTED_PREFIX}*`)],
    );
    this.parser.allowKey(key, 's3', 'write');
    // To the upload queue it sends where it goes on, when its time is up in the middle of a file.
    this.uploads.allowSending(this.parser);
    rows.allowSending(this.parser);
    this.uploads.feed(this.parser, BATCH_SIZE, settings.parserConcurrency);
    this.#announceUploads(uploadBucket, settings.backupPlan);
  }

  /** Every way to create an object, a multipart upload too. No suffix: a file that is no CSV is refused in sight. */
  #announceUploads(uploadBucket: IBucket, hasBackups: boolean): void {
    // By its attributes, so that the notification belongs to this stack and not to the one that keeps the data.
    const bucket = Bucket.fromBucketAttributes(this, 'UploadBucket', {
      bucketArn: uploadBucket.bucketArn,
      bucketName: uploadBucket.bucketName,
      account: Stack.of(this).account,
      region: Stack.of(this).region,
    });
    bucket.addEventNotification(EventType.OBJECT_CREATED, this.uploads, { prefix: INCOMING_PREFIX });
    // By these events AWS Backup knows what changed in a bucket (developer guide, "Amazon S3 backups"). It turns them on
    // itself; here they are so that this resource, which writes all notifications, never turns them off.
    if (hasBackups) bucket.enableEventBridgeNotification();
  }
}

/** A fingerprint of all that decides what batches a file gives: the code that reads it, its libraries, the settings. */
function parserRevision(settings: Environment<typeof PARSER_SETTINGS>): string {
  const sources = [
    'lambdas/shared',
    'lambdas/core',
    'lambdas/parse',
    'node_modules/papaparse/package.json',
    'node_modules/yauzl/package.json',
  ];
  const fingerprints = sources.map((path) => FileSystem.fingerprint(path));
  const facts = [...fingerprints, writeEnvironment(PARSER_SETTINGS, settings)];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12);
}
