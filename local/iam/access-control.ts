import { checkStatements, decide, type Statement } from './policy.ts';

/** Who makes a call. */
export interface Caller {
  readonly arn: string;
  readonly kind: 'function' | 'operator' | 'service';
  /** What its own policies say; unused for the operator, who may do everything. */
  readonly statements: readonly Statement[];
}

/** A call as it was decided. */
export interface RecordedCall {
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** The person at the machine. */
export const OPERATOR_ACCESS_KEY = 'operator';

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

/** Decides every call that reaches the gateway, from the policies of the template. Keeps what it decided. */
export class AccessControl {
  readonly calls = new Map<string, RecordedCall>();
  #callers = new Map<string, Caller>();
  #resourcePolicies: { resource: string; statements: readonly Statement[] }[] = [];
  #onDenied: (error: AccessDeniedError) => void;

  constructor(onDenied: (error: AccessDeniedError) => void) {
    this.#onDenied = onDenied;
    this.#callers.set(OPERATOR_ACCESS_KEY, { arn: 'operator', kind: 'operator', statements: [] });
  }

  addCaller(accessKey: string, caller: Caller): void {
    checkStatements(caller.statements, caller.arn);
    this.#callers.set(accessKey, caller);
  }

  /** @param resource the ARN of the bucket or queue that the policy belongs to */
  addResourcePolicy(resource: string, statements: readonly Statement[]): void {
    checkStatements(statements, resource);
    this.#resourcePolicies.push({ resource, statements });
  }

  findCaller(accessKey: string): Caller | undefined {
    return this.#callers.get(accessKey);
  }

  /** @throws {AccessDeniedError} where the caller may not do it */
  authorize(caller: Caller, action: string, resource: string, context: Record<string, string> = {}): void {
    const reason = this.#reasonAgainst(caller, action, resource, context);
    const call = { caller: caller.arn, action, resource, allowed: reason === undefined };
    this.calls.set(Object.values(call).join(' '), call);
    if (reason === undefined) return;
    const error = new AccessDeniedError(caller.arn, action, resource, reason);
    this.#onDenied(error);
    throw error;
  }

  /** Whether the caller may do it, where the answer to another call depends on it. */
  permits(caller: Caller, action: string, resource: string): boolean {
    return this.#reasonAgainst(caller, action, resource, {}) === undefined;
  }

  #reasonAgainst(caller: Caller, action: string, resource: string, more: Record<string, string>) {
    const access = { action, resource, context: { 'aws:SecureTransport': 'true', ...more } };
    const ofResource = this.#resourcePolicies
      .filter((policy) => resource === policy.resource || resource.startsWith(`${policy.resource}/`))
      .flatMap(({ statements }) => statements.filter((statement) => isAbout(statement.Principal, caller)));
    const byResource = decide(ofResource, access);
    if (byResource === 'denied') return `a resource-based policy denies the ${action} action`;
    if (caller.kind === 'operator' || byResource === 'allowed') return undefined;
    const byIdentity = decide(caller.statements, access);
    if (byIdentity === 'allowed') return undefined;
    if (byIdentity === 'denied') return `an identity-based policy denies the ${action} action`;
    return `no ${caller.kind === 'service' ? 'resource' : 'identity'}-based policy allows the ${action} action`;
  }
}

function isAbout(principal: unknown, caller: Caller): boolean {
  const { AWS = [], Service = [] } = Object(principal) as {
    AWS?: string | string[];
    Service?: string | string[];
  };
  if (principal === '*' || [AWS].flat().includes('*')) return true;
  return [caller.kind === 'service' ? Service : AWS].flat().includes(caller.arn);
}
