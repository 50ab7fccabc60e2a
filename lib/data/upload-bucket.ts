import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface UploadBucketProps {
  /** Encrypts the files. @default that of S3 */
  readonly key: IKey | undefined;
  /** Gets a line for each request. */
  readonly logBucket: IBucket;
}

/** Where shops drop their files. Every version of every file is kept: the database can be rebuilt from it. */
export class UploadBucket extends Bucket {
  constructor(scope: Construct, id: string, { key, logBucket }: UploadBucketProps) {
    super(scope, id, {
      versioned: true,
      serverAccessLogsBucket: logBucket,
      serverAccessLogsPrefix: 'uploads/',
      // One data key for many objects: S3 asks KMS seldom.
      ...(key === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
  }
}
