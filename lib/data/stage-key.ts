import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

/**
 * The one key of a stage that wants its own, changed by AWS each year.
 * @returns undefined where each service encrypts with its own
 */
export function createStageKey(scope: Construct, { encryption }: Settings): Key | undefined {
  if (encryption === 'service-keys') return undefined;
  const key = new Key(scope, 'Key', {
    description: 'Encrypts the files, messages, rows, logs and backups of the retail pipeline.',
    enableKeyRotation: true,
    // A first deployment that fails leaves nothing behind.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const { account, partition, region } = Stack.of(scope);
  // As AWS documents it, without a condition (SQS developer guide, "Key management"): the queue's own policy says which
  // bucket may send.
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'SendEventsToEncryptedQueues',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'SendAlarmsToEncryptedTopics',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'WriteEncryptedLogs',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
        },
      },
    }),
  );
  return key;
}
