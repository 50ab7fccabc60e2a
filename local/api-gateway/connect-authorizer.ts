import { z } from 'zod';
import type { AuthorizerModel } from '../assembly/readers/api-readers.ts';
import { checkStatements, decide, type Statement } from '../iam/policy.ts';
import { apiArn, type FunctionCaller } from './call-function.ts';
import { forbidden, HttpError, internalError } from './http-error.ts';

/** API Gateway developer guide, "Quotas for configuring and running a WebSocket API": Lambda authorizer response. */
const TIMEOUT_MILLISECONDS = 10_000;

const TEXTS = z.union([z.string(), z.array(z.string())]);
/** API Gateway developer guide, "Output from an API Gateway Lambda authorizer". */
const ANSWER = z.strictObject({
  principalId: z.string(),
  policyDocument: z.object({
    Version: z.literal('2012-10-17'),
    Statement: z.array(z.looseObject({ Effect: z.enum(['Allow', 'Deny']), Action: TEXTS, Resource: TEXTS })),
  }),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

interface Connection {
  readonly apiId: string;
  readonly stage: string;
  /** The event of `$connect` without what this authorizer adds. */
  readonly event: object;
  readonly query: URLSearchParams;
}

/**
 * Asks the function that authorizes connections (API Gateway developer guide, "Control access to WebSocket APIs with
 * AWS Lambda REQUEST authorizers").
 * @returns what the events of the connection have as their authorizer
 * @throws {HttpError} if the connection is not allowed
 */
export async function authorizeConnection(
  functions: FunctionCaller,
  { id, functionArn, parameters }: Extract<AuthorizerModel, { kind: 'function' }>,
  { apiId, stage, event, query }: Connection,
): Promise<Record<string, unknown>> {
  // Without its identity sources a request is refused before the function is called (the same page).
  if (parameters.some((name) => (query.get(name) ?? '') === '')) {
    throw new HttpError(401, 'Unauthorized', `the address needs the parameters ${parameters.join(', ')}`);
  }
  const methodArn = apiArn(apiId, `${stage}/$connect`);
  const call = { functionArn, timeoutMilliseconds: TIMEOUT_MILLISECONDS, source: `authorizers/${id}` };
  const result = await functions
    .call(apiId, call, { type: 'REQUEST', methodArn, ...event })
    .catch((error: Error) => {
      // A function refuses a caller with this error (the same page).
      if (/: Error: Unauthorized$/.test(error.message)) {
        throw new HttpError(401, 'Unauthorized', 'the authorizer says so');
      }
      throw internalError(error.message);
    });
  const { success, data, error } = ANSWER.safeParse(result);
  if (!success) throw internalError(`the authorizer's answer: ${z.prettifyError(error)}`);
  const statements = data.policyDocument.Statement as readonly Statement[];
  try {
    checkStatements(statements, 'the policy of the authorizer');
  } catch (problem) {
    throw internalError((problem as Error).message);
  }
  const access = { action: 'execute-api:Invoke', resource: methodArn, context: {} };
  if (decide(statements, access) !== 'allowed') throw forbidden('the policy of the authorizer');
  return { principalId: data.principalId, ...data.context };
}
