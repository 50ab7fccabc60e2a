import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

export interface PrivateBucketProps extends BucketProps {
  /** Encrypts the objects. @default the key of S3 */
  readonly key: IKey | undefined;
}

/** A bucket without public access, versioned so that no object is overwritten unnoticed. It is never deleted. */
export class PrivateBucket extends Bucket {
  constructor(scope: Construct, id: string, { key, ...props }: PrivateBucketProps) {
    super(scope, id, {
      versioned: true,
      // A bucket key serves many objects: S3 rarely calls KMS.
      ...(key === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // CloudFormation cannot delete a bucket with objects.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...props,
    });
  }
}

/** The bucket for dropped files. It keeps every version of every file, so that the database can be rebuilt from it. */
export class UploadBucket extends PrivateBucket {
  /** @param logBucket receives a line for each request */
  constructor(scope: Construct, id: string, key: IKey | undefined, logBucket: IBucket) {
    super(scope, id, {
      key,
      serverAccessLogsBucket: logBucket,
      serverAccessLogsPrefix: 'uploads/',
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    });
  }
}

/** The bucket for S3 access logs and the network's flow logs. It keeps them as long as the logs of functions. */
export class LogBucket extends PrivateBucket {
  constructor(scope: Construct, id: string, { logRetentionDays }: Settings) {
    super(scope, id, {
      // S3 does not write access logs to a bucket with a customer-managed key (S3 user guide, "Enabling Amazon S3
      // server access logging").
      key: undefined,
      lifecycleRules: [
        { expiration: Duration.days(logRetentionDays), noncurrentVersionExpiration: Duration.days(1) },
      ],
    });
  }
}
