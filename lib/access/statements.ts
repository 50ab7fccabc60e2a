import { Stack } from 'aws-cdk-lib';
import { type Conditions, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';

/** Creates a statement that allows exactly these actions on exactly these resources. */
export function allow(actions: string[], resources: string[], conditions: Conditions = {}): PolicyStatement {
  return new PolicyStatement({ actions, resources, conditions });
}

/** Creates a statement for the policy of a resource, which lets a service of AWS use it. */
export function allowService(
  service: string,
  sid: string,
  actions: string[],
  resource: string,
  conditions: Conditions = {},
): PolicyStatement {
  const principals = [new ServicePrincipal(`${service}.amazonaws.com`)];
  return new PolicyStatement({ sid, principals, actions, resources: [resource], conditions });
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
  const actions = use === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'];
  const viaService = `${service}.${Stack.of(key).region}.amazonaws.com`;
  return [allow(actions, [key.keyArn], { StringEquals: { 'kms:ViaService': viaService } })];
}
