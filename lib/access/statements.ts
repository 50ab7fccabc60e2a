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
export type KeyUse = 'read' | 'create' | 'write';

const KEY_ACTIONS: Readonly<Record<KeyUse, string[]>> = {
  read: ['kms:Decrypt'],
  create: ['kms:GenerateDataKey'],
  write: ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/**
 * Statements that let the holder of a policy use a key through one service only.
 * @param use a writer also decrypts: the parts of an object to join them, a message to check it (S3 user guide,
 *   "Multipart upload API and permissions"; SQS developer guide, "Key management"). A principal that only puts whole
 *   objects creates
 * @returns an empty list without a key
 */
export function keyStatements(key: IKey | undefined, service: KeyedService, use: KeyUse): PolicyStatement[] {
  if (key === undefined) return [];
  const viaService = `${service}.${Stack.of(key).region}.amazonaws.com`;
  return [allow(KEY_ACTIONS[use], [key.keyArn], { StringEquals: { 'kms:ViaService': viaService } })];
}
