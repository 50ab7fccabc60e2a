import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type Conditions, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
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
  const allowService = (sid: string, service: string, actions: string[], conditions: Conditions = {}) => {
    const principals = [new ServicePrincipal(`${service}.amazonaws.com`)];
    key.addToResourcePolicy(new PolicyStatement({ sid, principals, actions, resources: ['*'], conditions }));
  };
  // AWS documents this statement without a condition (SQS developer guide, "Key management"): the policy of the queue
  // limits which bucket may send.
  allowService('SendEventsToEncryptedQueues', 's3', ['kms:Decrypt', 'kms:GenerateDataKey']);
  allowService('SendAlarmsToEncryptedTopics', 'cloudwatch', ['kms:Decrypt', 'kms:GenerateDataKey*'], {
    StringEquals: { 'aws:SourceAccount': account },
  });
  const logGroups = `arn:${partition}:logs:${region}:${account}:log-group:*`;
  allowService(
    'WriteEncryptedLogs',
    `logs.${region}`,
    ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
  );
  return key;
}
