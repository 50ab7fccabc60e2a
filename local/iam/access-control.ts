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
import { type Caller, checkPrincipal, isAbout, isAccount } from './principals.ts';

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

/** Access key id of the operator. */
export const OPERATOR_KEY = 'operator';

type Policies = Pick<CloudModel, 'managedPolicies' | 'resourcePolicies' | 'encryptions'>;

/**
 * Actions on the key that encrypts a resource, by the action on the resource (S3 user guide, "Using server-side encryption with AWS
 * KMS keys"; SQS developer guide, "Key management"; Secrets Manager user guide, "Secret encryption and decryption").
 */
const KEY_USES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    's3:GetObject': ['kms:Decrypt'],
    's3:GetObjectVersion': ['kms:Decrypt'],
    's3:PutObject': ['kms:GenerateDataKey'],
    'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
    'sqs:ReceiveMessage': ['kms:Decrypt'],
    'secretsmanager:GetSecretValue': ['kms:Decrypt'],
    'secretsmanager:PutSecretValue': ['kms:GenerateDataKey', 'kms:Decrypt'],
  }).map(([action, keyActions]) => [action.toLowerCase(), keyActions]),
);

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
    const principalArn = `arn:aws:iam::${ACCOUNT}:user/operator`;
    this.#callers.set(OPERATOR_KEY, { arn: 'operator', principalArn, kind: 'operator', statements: [] });
  }

  addCaller(accessKey: string, caller: Caller): void {
    checkStatements(caller.statements, caller.arn);
    if (caller.statements.some(({ Principal }) => Principal !== undefined)) {
      throw new Error(`${caller.arn}: the policy of a caller cannot have the element Principal`);
    }
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

  /** Lists the access key ids of the operator and of the users who have a managed policy. */
  userAccessKeys(): string[] {
    const users = [...this.#callers].filter(([, { kind }]) => kind !== 'function');
    return users.map(([accessKeyId]) => accessKeyId);
  }

  /**
   * Checks that the caller may make a call, and may use the resource's key as far as the call needs it.
   * @throws {AccessDeniedError}
   */
  authorize(caller: Caller, action: string, resource: string, context: Record<string, string> = {}): void {
    this.#authorize(caller, action, resource, context);
    for (const keyAction of KEY_USES.get(action.toLowerCase()) ?? [])
      this.authorizeKey(caller, keyAction, resource);
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
    const access = { action, resource, context: { ...commonContext(caller), ...more } };
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
      if (!/^kms:/i.test(action) || this.#isLeftToAccount(policies, access)) return undefined;
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

/**
 * Returns the condition keys of every call (IAM user guide, "AWS global condition context keys"). A call that a service
 * makes for its own purposes has the account of its source, and no account or ARN of a principal.
 */
function commonContext({ kind, arn, principalArn = arn }: Caller): Record<string, string> {
  const always = { 'aws:SecureTransport': 'true', 'aws:RequestedRegion': REGION };
  if (kind === 'service') return { ...always, 'aws:SourceAccount': ACCOUNT };
  return { ...always, 'aws:PrincipalAccount': ACCOUNT, 'aws:PrincipalArn': principalArn };
}

/** Tells whether a resource is the owner of a policy, or an object of that bucket. */
function isWithin(resource: string, owner: string): boolean {
  return resource === owner || resource.startsWith(`${owner}/`);
}

function nameOf(holder: string, { statement, action, resource }: Grant): string {
  return JSON.stringify([holder, action, resource, statement.Condition]);
}

/**
 * Returns the access key of a user who has one managed policy of the template and no other permission. It has no colon,
 * at which `curl --user` separates key and secret.
 */
export function accessKeyOf(policyName: string): string {
  return `policy-${policyName}`;
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
