import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { AnyPrincipal, type Conditions, Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { buildUploadKey, INCOMING_PREFIX, RECEIPTS_PREFIX } from '../../lambdas/core/upload-key.ts';
import { uploaderPolicyOutput } from '../../lambdas/shared/stacks.ts';
import type { Settings } from '../settings/read-settings.ts';
import { allow, keyStatements } from './statements.ts';

/**
 * Denies every principal, operators too, to upload objects that the parser could not read or that are not encrypted with
 * the key of the stage. A request without these headers gets what the bucket has (S3 user guide, "Bucket policy
 * examples using condition keys", "Using server-side encryption with customer-provided keys").
 */
export function denyUnreadableUploads(uploadBucket: IBucket, key?: IKey): void {
  const header = (name: string) => `s3:x-amz-${name}`;
  // Without the header, a negated operator is true, with `IfExists` too (IAM user guide, "Condition operators").
  const unless = (name: string, values: string | string[]) => ({
    Null: { [header(name)]: 'false' },
    StringNotEquals: { [header(name)]: values },
  });
  const conditions: Record<string, Conditions> = {
    // The archives need hours of preparation for each read, and the other classes cost more.
    DenyOtherStorageClasses: unless('storage-class', ['STANDARD', 'INTELLIGENT_TIERING']),
    DenyOtherEncryption: unless('server-side-encryption', key === undefined ? 'AES256' : 'aws:kms'),
    ...(key && { DenyOtherKeys: unless('server-side-encryption-aws-kms-key-id', key.keyArn) }),
    DenyKeysOfTheUploader: { Null: { [header('server-side-encryption-customer-algorithm')]: 'false' } },
  };
  for (const [sid, condition] of Object.entries(conditions)) {
    uploadBucket.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [uploadBucket.arnForObjects(`${INCOMING_PREFIX}*`)],
        conditions: condition,
      }),
    );
  }
}

/** Adds a policy for each store, to attach to the principal of the store's system. It allows to drop files and read their receipts. */
export function addUploaderPolicies(
  stack: Stack,
  settings: Settings,
  uploadBucket: IBucket,
  key?: IKey,
): void {
  const scope = new Construct(stack, 'UploaderAccess');
  for (const store of settings.stores) {
    const folder = buildUploadKey({ storeId: store, fileName: '*' });
    const receipts = `${RECEIPTS_PREFIX}store=${store}/*`;
    const policy = new ManagedPolicy(scope, `Store-${store}`, {
      description: `Drops files of the store ${store}, and reads their receipts, in the retail pipeline's stage ${settings.stage}.`,
      statements: [
        allow(['s3:PutObject', 's3:AbortMultipartUpload'], [uploadBucket.arnForObjects(folder)]),
        allow(['s3:GetObject'], [uploadBucket.arnForObjects(receipts)]),
        allow(['s3:ListBucket'], [uploadBucket.bucketArn], { StringLike: { 's3:prefix': receipts } }),
        ...keyStatements(key, 's3', 'write'),
      ],
    });
    new CfnOutput(stack, uploaderPolicyOutput(store), { value: policy.managedPolicyArn });
  }
}
