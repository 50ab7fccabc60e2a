import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

export type KeyedService = 's3' | 'sqs' | 'secretsmanager';

/**
 * What a policy says so that its holder may use a key, through a service alone.
 * @param use whoever writes reads too: parts of an object to join them, a message to check it (S3 user guide,
 *   "Multipart upload API and permissions"; SQS developer guide, "Key management")
 * @returns no statement where there is no key
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
