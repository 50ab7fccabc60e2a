import type { Statement } from '../../iam/policy.ts';
import { arn } from '../physical-names.ts';
import type { Assembly, Resource } from '../template.ts';

/** Reads the statements of all policies of a function's role. */
export function statementsOf(assembly: Assembly, roleArn: string): Statement[] {
  const role = assembly.ofType('AWS::IAM::Role').find((item) => item.attribute('Arn') === roleArn)!;
  refuseProperties(role, ['ManagedPolicyArns', 'Policies', 'PermissionsBoundary'], 'role ');
  return assembly
    .ofType('AWS::IAM::Policy')
    .filter((policy) => policy.property<string[]>('Roles')?.includes(role.ref()))
    .flatMap((policy) => readStatements(policy));
}

/** Reads a policy of the template that users can have. */
export function readManagedPolicy(resource: Resource) {
  refuseProperties(resource, ['Groups', 'Roles', 'Users'], 'managed policy ');
  return { name: resource.ref().split('/').at(-1)!, statements: readStatements(resource) };
}

export function readQueuePolicy(resource: Resource) {
  const statements = readStatements(resource);
  const names = resource.property<string[]>('Queues')!.map((url) => url.split('/').at(-1)!);
  return names.map((name) => ({ resourceArn: arn('sqs', name), statements }));
}

export function readBucketPolicy(resource: Resource) {
  const resourceArn = `arn:aws:s3:::${resource.property('Bucket')}`;
  return { resourceArn, statements: readStatements(resource) };
}

/** Reads a permission to call a function as a resource policy. */
export function readPermission(resource: Resource) {
  refuseProperties(resource, ['EventSourceToken', 'PrincipalOrgID', 'FunctionUrlAuthType']);
  const name = resource.property('FunctionName')!;
  const resourceArn = name.startsWith('arn:') ? name : arn('lambda', `function:${name}`);
  // As AddPermission writes the policy (Lambda developer guide, "Granting permissions to AWS services").
  const operators = { SourceArn: 'ArnLike', SourceAccount: 'StringEquals' };
  const conditions = Object.entries(operators).flatMap(([key, operator]) => {
    const value = resource.property(key);
    return value === undefined ? [] : [[operator, { [`aws:${key}`]: value }] as const];
  });
  const statement: Statement = {
    Effect: 'Allow',
    Action: resource.property('Action')!,
    Resource: resourceArn,
    Principal: { Service: resource.property('Principal')! },
    ...(conditions.length > 0 && { Condition: Object.fromEntries(conditions) }),
  };
  return { resourceArn, statements: [statement] };
}

/** Reads a key policy, in which "*" is the key itself. */
export function readKey(resource: Resource) {
  return { resourceArn: resource.attribute('Arn'), statements: readStatements(resource, 'KeyPolicy') };
}

function readStatements(policy: Resource, property = 'PolicyDocument'): Statement[] {
  return [policy.property<{ Statement: Statement | Statement[] }>(property)!.Statement].flat();
}

function refuseProperties(resource: Resource, names: readonly string[], kind = ''): void {
  const unknown = names.find((name) => resource.property(name) !== undefined);
  if (unknown === undefined) return;
  throw new Error(`the local cloud does not read ${unknown} of ${kind}${resource.logicalId}`);
}
