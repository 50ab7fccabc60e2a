import type { CloudModel } from '../assembly/read-cloud-model.ts';
import { ACCOUNT, REGION } from '../assembly/template.ts';
import {
  type Access,
  checkStatements,
  decide,
  type Grant,
  grantsOf,
  type Statement,
  uses,
} from './policy.ts';

/** The function, user, operator or AWS service that makes a call. */
export interface Caller {
  readonly arn: string;
  readonly kind: 'function' | 'user' | 'operator' | 'service';
  /** The caller's own policies; unused for the operator, who may do everything. */
  readonly statements: readonly Statement[];
}

interface RecordedCall {
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** A grant with its holder, and whether a call has used it. */
export interface HeldGrant extends Grant {
  /** ARN of the caller, or of the resource whose policy has the grant. */
  readonly holder: string;
  readonly isUsed: boolean;
}

type Policies = Pick<CloudModel, 'managedPolicies' | 'resourcePolicies' | 'encryptions'>;

const ACCOUNT_PRINCIPAL = `arn:aws:iam::${ACCOUNT}:root`;

/**
 * Actions on the key that encrypts a resource, by the action on the resource (S3 user guide, "Using server-side encryption with AWS
 * KMS keys"; SQS developer guide, "Key management"; Secrets Manager user guide, "Secret encryption and decryption").
 */
const KEY_USES: Readonly<Record<string, readonly string[]>> = {
  's3:GetObject': ['kms:Decrypt'],
  's3:GetObjectVersion': ['kms:Decrypt'],
  's3:PutObject': ['kms:GenerateDataKey'],
  'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:GenerateDataKey', 'kms:Decrypt'],
};

/** A call that no policy allows, or that one denies. */
export class AccessDeniedError extends Error {
  override readonly name = 'AccessDeniedError';
  readonly action: string;

  constructor(caller: string, action: string, resource: string, reason: string) {
    super(
      `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} because ${reason}`,
    );
    this.action = action;
  }
}

/** Decides every call that reaches the gateway by the policies of the template, and records the decisions. */
export class AccessControl {
  readonly calls = new Map<string, RecordedCall>();
  #callers = new Map<string, Caller>();
  #resourcePolicies: { resource: string; statements: readonly Statement[] }[] = [];
  #keys: { resource: string; keyArn: string }[] = [];
  #used = new Set<string>();
  #onDenied: (error: AccessDeniedError) => void;

  constructor(onDenied: (error: AccessDeniedError) => void) {
    this.#onDenied = onDenied;
    this.#callers.set('operator', { arn: 'operator', kind: 'operator', statements: [] });
  }

  addCaller(accessKey: string, caller: Caller): void {
    checkStatements(caller.statements, caller.arn);
    this.#callers.set(accessKey, caller);
  }

  /** @param resource the ARN of the bucket or queue that the policy belongs to */
  addResourcePolicy(resource: string, statements: readonly Statement[]): void {
    checkStatements(statements, resource);
    for (const { Principal } of statements) checkPrincipal(Principal, resource);
    this.#resourcePolicies.push({ resource, statements });
  }

  /** Registers the key that encrypts a bucket, a queue or a secret. */
  addKey(resource: string, keyArn: string): void {
    this.#keys.push({ resource, keyArn });
  }

  findCaller(accessKey: string): Caller | undefined {
    return this.#callers.get(accessKey);
  }

  /**
   * Checks that the caller may make a call, and may use the resource's key as far as the call needs it.
   * @throws {AccessDeniedError}
   */
  authorize(caller: Caller, action: string, resource: string, context: Record<string, string> = {}): void {
    this.#authorize(caller, action, resource, context);
    for (const keyAction of KEY_USES[action] ?? []) this.authorizeKey(caller, keyAction, resource);
  }

  /** Checks that an AWS service may make a call on behalf of one of its resources. @throws {AccessDeniedError} */
  authorizeService(service: string, action: string, resource: string, sourceArn: string): void {
    const caller: Caller = { arn: `${service}.amazonaws.com`, kind: 'service', statements: [] };
    this.authorize(caller, action, resource, { 'aws:SourceArn': sourceArn });
  }

  /** Checks that a caller may use the key of a resource, if it has one. @throws {AccessDeniedError} */
  authorizeKey(caller: Caller, keyAction: string, resource: string): void {
    const key = this.#keys.find((known) => isWithin(resource, known.resource));
    if (key === undefined) return;
    const service = resource.split(':')[2]!;
    const viaService = { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` };
    this.#authorize(caller, keyAction, key.keyArn, caller.kind === 'service' ? {} : viaService);
  }

  /** Lists the grants of all callers and of all resource policies. */
  grants(): HeldGrant[] {
    const held = [
      ...[...this.#callers.values()].map(({ arn, statements }) => ({ holder: arn, statements })),
      ...this.#resourcePolicies.map(({ resource, statements }) => ({
        holder: resource,
        // A statement that leaves a key to the account's policies grants nothing alone.
        statements: statements.filter(({ Principal }) => !isAccount(Principal)),
      })),
    ];
    return held.flatMap(({ holder, statements }) =>
      grantsOf(statements).map((grant) => {
        return { ...grant, holder, isUsed: this.#used.has(nameOf(holder, grant)) };
      }),
    );
  }

  #authorize(caller: Caller, action: string, resource: string, context: Record<string, string>): void {
    const reason = this.#reasonAgainst(caller, action, resource, context);
    const call = { caller: caller.arn, action, resource, allowed: reason === undefined };
    this.calls.set(Object.values(call).join(' '), call);
    if (reason === undefined) return;
    const error = new AccessDeniedError(caller.arn, action, resource, reason);
    this.#onDenied(error);
    throw error;
  }

  /** Tells whether a call would be allowed, without recording it. */
  permits(caller: Caller, action: string, resource: string): boolean {
    return this.#reasonAgainst(caller, action, resource, {}) === undefined;
  }

  #noteUse(holder: string, statements: readonly Statement[], access: Access): void {
    for (const grant of grantsOf(statements)) {
      if (uses(grant, access)) this.#used.add(nameOf(holder, grant));
    }
  }

  #reasonAgainst(caller: Caller, action: string, resource: string, more: Record<string, string>) {
    // AWS sets the account of the source only for calls that a service makes for its own purposes.
    const source = caller.kind === 'service' && { 'aws:SourceAccount': ACCOUNT };
    const always = { 'aws:SecureTransport': 'true', ...source };
    const access = { action, resource, context: { ...always, ...more } };
    const policies = this.#resourcePolicies.filter((policy) => isWithin(resource, policy.resource));
    const ofResource = policies.flatMap((policy) =>
      policy.statements.filter((statement) => isAbout(statement, caller)),
    );
    const byResource = decide(ofResource, access);
    if (byResource === 'denied') return `a resource-based policy denies the ${action} action`;
    if (caller.kind === 'operator') return undefined;
    const byIdentity = decide(caller.statements, access);
    if (byIdentity === 'denied') return `an identity-based policy denies the ${action} action`;
    if (byResource === 'allowed') {
      for (const { resource: holder } of policies) this.#noteUse(holder, ofResource, access);
      return undefined;
    }
    if (byIdentity === 'allowed') {
      this.#noteUse(caller.arn, caller.statements, access);
      // Policies of callers count only if the key policy leaves that to the account (KMS developer guide, "Key
      // policies in AWS KMS").
      if (!action.startsWith('kms:') || this.#isLeftToAccount(policies, access)) return undefined;
      return `no key policy leaves the ${action} action to the account`;
    }
    return `no ${caller.kind === 'service' ? 'resource' : 'identity'}-based policy allows the ${action} action`;
  }

  #isLeftToAccount(policies: readonly { statements: readonly Statement[] }[], access: Access): boolean {
    const leaving = policies.flatMap(({ statements }) =>
      statements.filter(({ Principal }) => isAccount(Principal)),
    );
    return decide(leaving, access) === 'allowed';
  }
}

/** Tells whether a resource is the owner of a policy, or an object of that bucket. */
function isWithin(resource: string, owner: string): boolean {
  return resource === owner || resource.startsWith(`${owner}/`);
}

/** Reads a principal: ARNs or "*" of `AWS`, names of services, and the names of other members. */
function readPrincipal(principal: unknown) {
  if (principal === '*') return { arns: ['*'], services: [], others: [] };
  const { AWS = [], Service = [], ...others } = Object(principal) as Record<string, string | string[]>;
  return { arns: [AWS].flat(), services: [Service].flat(), others: Object.keys(others) };
}

function isAccount(principal: unknown): boolean {
  return readPrincipal(principal).arns.includes(ACCOUNT_PRINCIPAL);
}

function nameOf(holder: string, { statement, action, resource }: Grant): string {
  return JSON.stringify([holder, action, resource, statement.Condition]);
}

/** Accepts all principals, the account and services. Callers here do not have the ARNs of their roles. */
function checkPrincipal(principal: unknown, resource: string): void {
  const { arns, others } = readPrincipal(principal);
  const unknown = others[0] ?? arns.find((arn) => arn !== '*' && arn !== ACCOUNT_PRINCIPAL);
  if (unknown === undefined) return;
  throw new Error(`${resource}: the local cloud does not know the principal ${unknown}`);
}

function isAbout({ Effect, Principal }: Statement, { kind, arn }: Caller): boolean {
  const { arns, services } = readPrincipal(Principal);
  if (arns.includes('*')) return true;
  if (kind === 'service') return services.includes(arn);
  // A denial to the account is for all callers in it; an allowance leaves the decision to their own policies.
  return Effect === 'Deny' && isAccount(Principal);
}

/** Returns the access key of a user who has one managed policy of the template and no other permission. */
export function accessKeyOf(policyName: string): string {
  return `policy:${policyName}`;
}

/** Registers the policies and keys of the template, and a user for each managed policy. */
export function addPolicies(model: Policies, access: AccessControl): void {
  for (const { resourceArn, statements } of model.resourcePolicies) {
    access.addResourcePolicy(resourceArn, statements);
  }
  for (const { resourceArn, keyArn } of model.encryptions) access.addKey(resourceArn, keyArn);
  for (const { name, statements } of model.managedPolicies) {
    const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`;
    access.addCaller(accessKeyOf(name), { arn, kind: 'user', statements });
  }
}
