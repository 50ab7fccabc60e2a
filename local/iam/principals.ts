import { ACCOUNT } from '../assembly/template.ts';
import type { Statement } from './policy.ts';

/** The function, user, operator or AWS service that makes a call. */
export interface Caller {
  readonly arn: string;
  /** ARN that policies see, such as that of a function's role. @default `arn` */
  readonly principalArn?: string;
  readonly kind: 'function' | 'user' | 'operator' | 'service';
  /** The caller's own policies; unused for the operator, who may do everything. */
  readonly statements: readonly Statement[];
}

const ACCOUNT_PRINCIPAL = `arn:aws:iam::${ACCOUNT}:root`;

/** Reads a principal: ARNs or "*" of `AWS`, names of services, and the names of other members. */
function readPrincipal(principal: unknown) {
  if (principal === '*') return { arns: ['*'], services: [], others: [] };
  const { AWS = [], Service = [], ...others } = Object(principal) as Record<string, string | string[]>;
  return { arns: [AWS].flat(), services: [Service].flat(), others: Object.keys(others) };
}

/** Tells whether a principal is the account, to whose policies the statement leaves the decision. */
export function isAccount(principal: unknown): boolean {
  return readPrincipal(principal).arns.includes(ACCOUNT_PRINCIPAL);
}

/** Accepts all principals, the account and services. Callers here do not have the ARNs of their roles. */
export function checkPrincipal(principal: unknown, resource: string): void {
  const { arns, services, others } = readPrincipal(principal);
  const isEmpty = arns.length + services.length === 0;
  const unknown = others[0] ?? arns.find((arn) => arn !== '*' && arn !== ACCOUNT_PRINCIPAL);
  if (unknown === undefined && !isEmpty) return;
  throw new Error(
    `${resource}: the local cloud does not know the principal ${unknown ?? JSON.stringify(principal)}`,
  );
}

/** Tells whether a statement of a resource policy is about the calls of a caller. */
export function isAbout({ Effect, Principal }: Statement, { kind, arn }: Caller): boolean {
  const { arns, services } = readPrincipal(Principal);
  if (arns.includes('*')) return true;
  if (kind === 'service') return services.includes(arn);
  // A denial to the account is for all callers in it; an allowance leaves the decision to their own policies.
  return Effect === 'Deny' && isAccount(Principal);
}
