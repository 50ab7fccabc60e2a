import type { CloudModel } from '../assembly/cloud-model.ts';
import { ACCOUNT } from '../assembly/template.ts';
import type { AccessControl } from './access-control.ts';

/** Returns the access key of a user who has one managed policy of the template and no other permission. */
export function accessKeyOf(policyName: string): string {
  return `policy:${policyName}`;
}

/** Registers the policies and keys of the template, and a user for each managed policy. */
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
