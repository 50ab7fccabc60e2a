import type { APIGatewayProxyEventV2WithRequestContext } from 'aws-lambda';
import type { Role } from '../core/api-answers.ts';
import { STORE_PATTERN } from '../core/upload-key.ts';
import { API_ROUTES, type RouteName } from '../shared/api-routes.ts';
import { OPERATORS_GROUP, SENDERS_GROUP, VIEWERS_GROUP } from '../shared/groups.ts';
import { ProblemError } from './problem.ts';

/** Who sent a request, as API Gateway found out: by IAM, or by a JSON Web Token. */
export interface RequestContext {
  readonly routeKey: string;
  readonly requestId: string;
  readonly authorizer?: {
    readonly iam?: object;
    readonly jwt?: { readonly claims: Readonly<Record<string, unknown>> };
  };
}
export type HttpEvent = Pick<
  APIGatewayProxyEventV2WithRequestContext<RequestContext>,
  | 'body'
  | 'headers'
  | 'isBase64Encoded'
  | 'pathParameters'
  | 'queryStringParameters'
  | 'rawPath'
  | 'requestContext'
  | 'routeKey'
>;

/** Permission that a route needs: to read results, to send transactions and files, or to operate the pipeline. */
export type Need = 'read' | 'send' | 'operate';

export const NEEDS: Readonly<Record<RouteName, Need>> = {
  sendTransactions: 'send',
  createUpload: 'send',
  createTicket: 'send',
  getReceipt: 'read',
  getRules: 'read',
  getSession: 'read',
  listUploads: 'read',
  getUpload: 'read',
  listRejects: 'read',
  countRejects: 'read',
  listConflicts: 'read',
  findProducts: 'read',
  getBalance: 'read',
  getTopProducts: 'read',
  getSold: 'read',
  getRejectNumbers: 'read',
  listTransactions: 'read',
  listDays: 'read',
  listChecks: 'operate',
  listDeadLetters: 'operate',
  redriveDeadLetters: 'operate',
  listAlarms: 'operate',
  getStatus: 'read',
  getDocument: 'read',
};
const NEED_OF_KEY = new Map(
  Object.entries(API_ROUTES).map(([name, key]) => [key as string, NEEDS[name as RouteName]]),
);

/** Names of stores; undefined for all. */
export type Stores = readonly string[] | undefined;

export interface Caller {
  /** The greatest role of the caller: a sender reads too, and an operator may do everything. */
  readonly role: Role;
  readonly reads: Stores;
  readonly sends: Stores;
}

/** Claim of a token that has the stores of its holder, to send and read. */
const STORES_CLAIM = 'stores';
/** Claim with the groups of a user of Amazon Cognito (Cognito developer guide, "Adding groups to a user pool"). */
const GROUPS_CLAIM = 'cognito:groups';
const ALL_STORES = '*';
const OPERATOR: Caller = { role: 'operator', reads: undefined, sends: undefined };

/**
 * Finds what a caller may do. With IAM, the policy of the caller decides by the path of the request, before the function
 * is called.
 * @throws {ProblemError} for a token without a store
 */
export function identifyCaller({ authorizer }: RequestContext): Caller {
  if (authorizer?.iam !== undefined) return OPERATOR;
  const claims = authorizer?.jwt?.claims ?? {};
  const groups = readList(claims[GROUPS_CLAIM]);
  if (groups.includes(OPERATORS_GROUP)) return OPERATOR;
  const storesIn = (prefix: string) =>
    groups.filter((group) => group.startsWith(prefix)).map((group) => group.slice(prefix.length));
  const sends = [...readList(claims[STORES_CLAIM]), ...storesIn(SENDERS_GROUP)];
  const reads = [...sends, ...storesIn(VIEWERS_GROUP)];
  const caller = { sends: chooseStores(sends), reads: chooseStores(reads) };
  if (caller.sends?.length !== 0) return { role: 'sender', ...caller };
  if (caller.reads?.length !== 0) return { role: 'viewer', ...caller };
  const detail = `The token names no store in its claims "${STORES_CLAIM}" and "${GROUPS_CLAIM}". Ask the operator for access to a store, then sign in again.`;
  throw new ProblemError('forbidden', detail);
}

/**
 * Finds the stores for which a caller may use the route of a request.
 * @returns undefined for all stores
 * @throws {ProblemError} if there are none
 */
export function storesOf(context: RequestContext): Stores {
  const { role, reads, sends } = identifyCaller(context);
  // A route that the table does not have is one of operators.
  const need = NEED_OF_KEY.get(context.routeKey) ?? 'operate';
  if (need === 'read') return reads;
  if (need === 'send' && role !== 'viewer') return sends;
  if (role === 'operator') return undefined;
  const detail =
    need === 'send'
      ? 'You may look at this store, but not send to it. Ask the operator for the permission.'
      : `Only operators may do this: users of the group "${OPERATORS_GROUP}", and callers that IAM allows.`;
  throw new ProblemError('forbidden', detail);
}

/**
 * Reads the store of a path that the caller may use. API Gateway decodes the path and its variables, and cuts the path at
 * a decoded "?" (measured, see middleapi/standard-server pull request 93): a path with escaped characters must not name
 * another store than the one for which the caller's policy was checked.
 * @throws {ProblemError} if path and variables differ, or the variable is not the name of a store
 */
export function storeOfPath({ pathParameters, rawPath, routeKey, requestContext }: HttpEvent): string {
  const store = pathParameters?.store ?? '';
  const [, path = ''] = routeKey.split(' ');
  const written = path.replace(/\{(\w+)\}/g, (_, name: string) => pathParameters?.[name] ?? '');
  if (!STORE_PATTERN.test(store) || rawPath !== written) {
    throw new ProblemError('not-found', 'The path names no store. Write it without escaped characters.');
  }
  const stores = storesOf(requestContext);
  if (stores === undefined || stores.includes(store)) return store;
  throw new ProblemError(
    'forbidden',
    `The token does not allow the store "${store}". Ask for another token.`,
  );
}

/**
 * Reads a claim with a list. API Gateway writes it as "[a b]". AWS does not document it: see aws-solutions-library-samples/
 * guidance-for-claude-code-with-amazon-bedrock issue 802. The names of stores have no blanks and no brackets.
 */
function readList(claim: unknown): string[] {
  const text = String(claim ?? '').replace(/^\[(.*)\]$/, '$1');
  return text.split(/[ ,]+/).filter((part) => part !== '');
}

function chooseStores(names: readonly string[]): Stores {
  if (names.includes(ALL_STORES)) return undefined;
  return [...new Set(names)].filter((name) => STORE_PATTERN.test(name));
}
