import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { uploaderPolicyOutput } from '../../lambdas/shared/stacks.ts';
import type { Settings } from '../settings/read-settings.ts';
import { allow, keyStatements } from './statements.ts';

/** Adds a policy for each store, to attach to the principal of the store's system. It allows to drop files only. */
export function addUploaderPolicies(
  stack: Stack,
  settings: Settings,
  uploadBucket: IBucket,
  key?: IKey,
): void {
  const scope = new Construct(stack, 'UploaderAccess');
  for (const store of settings.stores) {
    const folder = buildUploadKey({ storeId: store, fileName: '*' });
    const policy = new ManagedPolicy(scope, `Store-${store}`, {
      description: `Drops files of the store ${store} into the retail pipeline's stage ${settings.stage}.`,
      statements: [
        allow(['s3:PutObject', 's3:AbortMultipartUpload'], [uploadBucket.arnForObjects(folder)]),
        ...keyStatements(key, 's3', 'write'),
      ],
    });
    new CfnOutput(stack, uploaderPolicyOutput(store), { value: policy.managedPolicyArn });
  }
}
