import { Stack } from 'aws-cdk-lib';
import { Bucket, EventType, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  buildUploadKey,
  INCOMING_PREFIX,
  READINGS_PREFIX,
  REJECTED_PREFIX,
  UNPACKED_FOLDER,
} from '../../lambdas/core/upload-key.ts';
import { CHECKPOINT_TIME_SHARE, PARSER_VARIABLES } from '../../lambdas/parse/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import type { Limits } from '../../lambdas/shared/readings.ts';
import type { DataStack } from '../data/data-stack.ts';
import { PipelineFunction } from './function.ts';
import { parserRevision } from './revision.ts';
import { StepQueue } from './step-queue.ts';

/** The maximum of Lambda: most files are parsed within one invocation. */
const TIMEOUT_SECONDS = 900;
/** One upload per invocation: files are of any size. */
const BATCH_SIZE = 1;
/** Share of the memory for a file that is kept while its lines are counted. */
const KEPT_SHARE = 1 / 16;

/** S3 incoming/ → upload queue → parser → row queue, and S3 rejected/. */
export class ParseStep extends Construct {
  readonly uploads: StepQueue;
  readonly parser: PipelineFunction;
  /** Changes whenever the parser could cut a file differently. Upload ids include it. */
  readonly revision: string;
  readonly limits: Limits;

  constructor(scope: Construct, id: string, data: DataStack, rows: StepQueue) {
    super(scope, id);
    const { settings, key, uploadBucket } = data;
    const { rules, maxMessageBytes, maxUnpackedMiB, maxRejectedRows } = settings;
    this.limits = { maxMessageBytes, maxUnpackedMiB, maxRejectedRows };
    this.revision = parserRevision(rules, this.limits);
    this.uploads = new StepQueue(this, 'Uploads', TIMEOUT_SECONDS, key);
    this.parser = new PipelineFunction(this, 'Function', {
      folder: 'parse',
      description: 'Validates the rows of an upload and sends them to the row queue in batches.',
      memoryMiB: settings.parserMemoryMiB,
      timeoutSeconds: TIMEOUT_SECONDS,
      checkpointShare: CHECKPOINT_TIME_SHARE,
      data,
      environment: writeEnvironment(PARSER_VARIABLES, {
        ...this.limits,
        keptBytes: Math.floor(settings.parserMemoryMiB * KEPT_SHARE) * 1_048_576,
        revision: this.revision,
        uploadQueueUrl: this.uploads.queue.queueUrl,
        uploadDeadLetterQueueUrl: this.uploads.deadLetterQueue.queueUrl,
        rowQueueUrl: rows.queue.queueUrl,
      }),
      rules,
    });
    this.parser.allow(['s3:GetObjectVersion'], [uploadBucket.arnForObjects(`${INCOMING_PREFIX}*`)]);
    // Without this permission S3 answers "access denied" for a deleted object.
    this.parser.allow(['s3:ListBucket'], [uploadBucket.bucketArn]);
    this.parser.allow(
      ['s3:PutObject', 's3:AbortMultipartUpload'],
      // The files of an archive become objects of its store.
      [`${REJECTED_PREFIX}*`, buildUploadKey({ storeId: '*', fileName: `${UNPACKED_FOLDER}/*` })].map(
        (pattern) => uploadBucket.arnForObjects(pattern),
      ),
    );
    // Records by which settings a version was read, and reads the record of an earlier reading.
    this.parser.allow(['s3:GetObject', 's3:PutObject'], [uploadBucket.arnForObjects(`${READINGS_PREFIX}*`)]);
    this.parser.allowKey('s3', 'write');
    // The parser sends a checkpoint to the upload queue when its time is up in the middle of a file.
    this.uploads.allowSending(this.parser);
    rows.allowSending(this.parser);
    this.uploads.feed(this.parser, BATCH_SIZE, settings.parserConcurrency);
    this.#announceUploads(uploadBucket, settings.backupPlan);
  }

  /** Announces every created object, multipart uploads too. No suffix: the parser explicitly refuses what is not CSV. */
  #announceUploads(uploadBucket: IBucket, hasBackups: boolean): void {
    // Imported by its attributes, so that the notification belongs to this stack and not to the data stack.
    const bucket = Bucket.fromBucketAttributes(this, 'UploadBucket', {
      bucketArn: uploadBucket.bucketArn,
      bucketName: uploadBucket.bucketName,
      account: Stack.of(this).account,
      region: Stack.of(this).region,
    });
    bucket.addEventNotification(EventType.OBJECT_CREATED, this.uploads, { prefix: INCOMING_PREFIX });
    // AWS Backup tracks changes of a bucket by these events and enables them itself (developer guide, "Amazon S3
    // backups"). They are declared here because this resource writes all notifications and would disable them.
    if (hasBackups) bucket.enableEventBridgeNotification();
  }
}
