import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

/**
 * Creates the key of a stage that encrypts with its own key. AWS rotates it each year.
 * @returns undefined if each service encrypts with its own key
 */
export function createStageKey(scope: Construct, { encryption }: Settings): Key | undefined {
  if (encryption === 'service-keys') return undefined;
  const key = new Key(scope, 'Key', {
    description: 'Encrypts the files, messages, rows, logs and backups of the retail pipeline.',
    enableKeyRotation: true,
    // A failed first deployment keeps nothing.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const { account, partition, region } = Stack.of(scope);
  // AWS documents this statement without a condition (SQS developer guide, "Key management"): the policy of the queue
  // limits which bucket may send.
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

export type KeyedService = 's3' | 'sqs' | 'secretsmanager';

/**
 * Statements that let the holder of a policy use a key through one service only.
 * @param use a writer also decrypts: the parts of an object to join them, a message to check it (S3 user guide,
 *   "Multipart upload API and permissions"; SQS developer guide, "Key management")
 * @returns an empty list without a key
 */
export function keyStatements(
  key: IKey | undefined,
  service: KeyedService,
  use: 'read' | 'write',
): PolicyStatement[] {
  if (key === undefined) return [];
  return [
    new PolicyStatement({
      effect: Effect.ALLOW,
      actions: use === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `${service}.${Stack.of(key).region}.amazonaws.com` } },
    }),
  ];
}
