import type { Statement } from '../../iam/policy.ts';
import type { ManagedPolicyModel, ResourcePolicyModel } from '../cloud-model.ts';
import { arn } from '../physical-names.ts';
import type { Assembly, Resource } from '../template.ts';

/** Reads the statements of all policies of a function's role. */
export function statementsOf(assembly: Assembly, roleArn: string): Statement[] {
  const role = assembly.ofType('AWS::IAM::Role').find((item) => assembly.attribute(item, 'Arn') === roleArn)!;
  for (const unknown of ['ManagedPolicyArns', 'Policies', 'PermissionsBoundary']) {
    if (assembly.property(role, unknown) !== undefined) {
      throw new Error(`the local cloud does not read ${unknown} of role ${role.logicalId}`);
    }
  }
  return assembly
    .ofType('AWS::IAM::Policy')
    .filter((policy) => assembly.property<string[]>(policy, 'Roles')?.includes(assembly.ref(role)))
    .flatMap((policy) => documentOf(assembly, policy));
}

export function readManagedPolicy(assembly: Assembly, resource: Resource): ManagedPolicyModel[] {
  for (const unknown of ['Groups', 'Roles', 'Users']) {
    if (assembly.property(resource, unknown) !== undefined) {
      throw new Error(`the local cloud does not read ${unknown} of managed policy ${resource.logicalId}`);
    }
  }
  const name = assembly.ref(resource).split('/').at(-1)!;
  return [{ name, statements: documentOf(assembly, resource) }];
}

export function readQueuePolicy(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const urls = assembly.property<string[]>(resource, 'Queues')!;
  const statements = documentOf(assembly, resource);
  return urls.map((url) => ({ resourceArn: arn('sqs', url.split('/').at(-1)!), statements }));
}

export function readBucketPolicy(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const resourceArn = `arn:aws:s3:::${assembly.property<string>(resource, 'Bucket')}`;
  return [{ resourceArn, statements: documentOf(assembly, resource) }];
}

/** Reads a permission to call a function as a resource policy. */
export function readPermission(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  for (const unknown of ['EventSourceToken', 'PrincipalOrgID', 'FunctionUrlAuthType']) {
    if (assembly.property(resource, unknown) !== undefined) {
      throw new Error(`the local cloud does not read ${unknown} of ${resource.logicalId}`);
    }
  }
  const name = assembly.property<string>(resource, 'FunctionName')!;
  const resourceArn = name.startsWith('arn:') ? name : arn('lambda', `function:${name}`);
  const conditions = {
    'aws:SourceArn': assembly.property<string>(resource, 'SourceArn'),
    'aws:SourceAccount': assembly.property<string>(resource, 'SourceAccount'),
  };
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined);
  const statement: Statement = {
    Effect: 'Allow',
    Action: assembly.property<string>(resource, 'Action')!,
    Resource: resourceArn,
    Principal: { Service: assembly.property<string>(resource, 'Principal')! },
    ...(given.length > 0 && { Condition: { ArnLike: Object.fromEntries(given) as Record<string, string> } }),
  };
  return [{ resourceArn, statements: [statement] }];
}

/** Reads a key policy, in which "*" is the key itself. */
export function readKey(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const { Statement: statements } = assembly.property<{ Statement: Statement[] }>(resource, 'KeyPolicy')!;
  return [{ resourceArn: assembly.attribute(resource, 'Arn'), statements }];
}

function documentOf(assembly: Assembly, policy: Resource): Statement[] {
  return assembly.property<{ Statement: Statement[] }>(policy, 'PolicyDocument')!.Statement;
}
