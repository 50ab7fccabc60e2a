import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** A bucket without public access, versioned so that no object is overwritten unnoticed. It is never deleted. */
export class PrivateBucket extends Bucket {
  /** @param key encrypts the objects; by default the key of S3 does */
  constructor(scope: Construct, id: string, key: IKey | undefined, props: BucketProps) {
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
