import { classifyError } from '../shared/errors.ts';

/** Kinds of problems: the code is the end of `type`, with the status and the title of the answer. */
export const PROBLEMS = {
  'body-missing': { status: 400, title: 'The request has no body.' },
  'body-not-utf8': { status: 400, title: 'The body is not UTF-8.' },
  'json-malformed': { status: 400, title: 'The body is not valid JSON.' },
  'body-invalid': { status: 400, title: 'The body does not have the form that the route needs.' },
  'parameter-invalid': { status: 400, title: 'A parameter of the request is invalid.' },
  'idempotency-key-invalid': { status: 400, title: 'The Idempotency-Key is invalid.' },
  forbidden: { status: 403, title: 'The caller may not use this store.' },
  'not-found': { status: 404, title: 'It does not exist.' },
  'content-too-large': { status: 413, title: 'The body is too large.' },
  'media-type-unsupported': { status: 415, title: 'The content type is not supported.' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key belongs to another body.' },
  'internal-error': { status: 500, title: 'The API failed.' },
  unavailable: { status: 503, title: 'A service that the API needs is not available.' },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** Time after which a queue that limits its callers accepts more. */
const RETRY_AFTER_SECONDS = 5;
const PROBLEM_TYPE = 'application/problem+json';

/** An answer of a function to API Gateway (payload format 2.0). */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/** A request that the API cannot answer as wanted. The detail says what to do. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, detail: string, options: ErrorOptions & { retryAfter?: number } = {}) {
    super(detail, options);
    this.code = code;
    this.retryAfter = options.retryAfter;
  }
}

export function answerJson(statusCode: number, body: unknown): Answer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Makes a problem of any error. One of a service that the API needs passes. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (classifyError(error, 'transient') === 'transient') {
    const detail = `Nothing was accepted. Send the same request again in ${RETRY_AFTER_SECONDS} seconds.`;
    return new ProblemError('unavailable', detail, { cause: error, retryAfter: RETRY_AFTER_SECONDS });
  }
  const detail =
    'Send the same request again. If it fails again, ask the operator for the log of the function.';
  return new ProblemError('internal-error', detail, { cause: error });
}

/** Answers with problem details (RFC 9457). */
export function answerProblem({ code, message: detail, retryAfter }: ProblemError): Answer {
  const { status, title } = PROBLEMS[code];
  return {
    statusCode: status,
    headers: {
      'content-type': PROBLEM_TYPE,
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify({ type: `urn:retail:problem:${code}`, title, status, detail }),
  };
}
