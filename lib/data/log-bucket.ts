import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

/** Who asked for which file, and what was refused in the network: kept as long as the logs of functions. */
export class LogBucket extends Bucket {
  constructor(scope: Construct, id: string, { logRetentionDays }: Settings) {
    super(scope, id, {
      versioned: true,
      // S3 writes its access logs to no bucket with a key of ours (S3 user guide, "Enabling Amazon S3 server access
      // logging").
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        { expiration: Duration.days(logRetentionDays), noncurrentVersionExpiration: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }
}
