import type { APIGatewayProxyEventV2WithRequestContext } from 'aws-lambda';
import { STORE_PATTERN } from '../core/upload-key.ts';
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

/** Claim of a token that has the stores of its holder. */
const CLAIM = 'stores';
const ALL_STORES = '*';

/**
 * Finds the stores whose transactions a caller may send and read. With IAM, the policy of the caller decides by the path
 * of the request, before the function is called.
 * @returns undefined for all stores
 * @throws {ProblemError} if the caller has none
 */
export function storesOf({ authorizer }: RequestContext): readonly string[] | undefined {
  if (authorizer?.iam !== undefined) return undefined;
  // API Gateway writes a list as "[a b]". AWS does not document it: see aws-solutions-library-samples/
  // guidance-for-claude-code-with-amazon-bedrock issue 802. The names of stores have no blanks and no brackets.
  const claim = String(authorizer?.jwt?.claims[CLAIM] ?? '').replace(/^\[(.*)\]$/, '$1');
  const stores = claim.split(/[ ,]+/).filter((store) => store !== '');
  if (stores.includes(ALL_STORES)) return undefined;
  const allowed = stores.filter((store) => STORE_PATTERN.test(store));
  if (allowed.length > 0) return allowed;
  throw new ProblemError(
    'forbidden',
    `The token names no store in its claim "${CLAIM}". Ask for another token.`,
  );
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
