import type { CloudModel } from '../assembly/cloud-model.ts';
import { ACCOUNT } from '../assembly/template.ts';
import type { AccessControl } from './access-control.ts';

/** The access key of somebody who has one managed policy of the template and nothing else. */
export function accessKeyOf(policyName: string): string {
  return `policy:${policyName}`;
}

/** Makes the policies of the template hold, and known who has a managed one. */
export function addPolicies(
  { managedPolicies, resourcePolicies, encryptions }: CloudModel,
  access: AccessControl,
): void {
  for (const { resourceArn, statements } of resourcePolicies) {
    access.addResourcePolicy(resourceArn, statements);
  }
  for (const { resourceArn, keyArn } of encryptions) access.addKey(resourceArn, keyArn);
  for (const { name, statements } of managedPolicies) {
    access.addCaller(accessKeyOf(name), {
      arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
      kind: 'user',
      statements,
    });
  }
}
