import type { ConsoleConfig } from '../lambdas/core/console-config.ts';

/** Names the kind of a failed call, which decides what the person at the screen can do. */
export type Trouble = 'offline' | 'resuming' | 'signed-out' | 'forbidden' | 'missing' | 'invalid' | 'failed';

/** A call that failed. The message is a sentence for the person at the screen. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly trouble: Trouble;
  /** Status of the answer; 0 without one. */
  readonly status: number;
  /** Seconds after which the same call may succeed. */
  readonly retryAfter: number | undefined;

  constructor(trouble: Trouble, message: string, status = 0, retryAfter?: number) {
    super(message);
    this.trouble = trouble;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

interface Known {
  readonly etag: string;
  readonly data: unknown;
}

const TIMEOUT_MILLISECONDS = 35_000;
const RETRY_SECONDS = 5;
/** Routes whose answers come from the database. */
const LEDGER_ROUTE = /^\/(?:uploads|transactions|numbers|products|days)\b/;
/** A database pauses after five minutes without a connection, or later (`retail:databasePauseMinutes`). */
const AWAKE_MILLISECONDS = 4 * 60_000;
let ledgerAnsweredAt = Number.NEGATIVE_INFINITY;

/** True if the database has answered so shortly ago that another question wakes nothing. */
export function isLedgerAwake(): boolean {
  return Date.now() - ledgerAnsweredAt < AWAKE_MILLISECONDS;
}

/** Answers with an ETag, by address, the least recently used one first. */
const known = new Map<string, Known>();
const MAX_KNOWN = 50;

let authorization: () => Promise<string | undefined> = async () => undefined;

/** Sets what gives each call its header `Authorization`. Without it, the cookie of the session is enough. */
export function authorizeCalls(getHeader: () => Promise<string | undefined>): void {
  authorization = getHeader;
}

const signedOutListeners = new Set<(isOut: boolean) => void>();
/** Calls that have begun, and the last of them that has an answer: an earlier one says nothing about the session now. */
let begun = 0;
let answered = 0;

/** Tells a listener whether the last call had a caller. @returns what ends it */
export function onSignedOut(listener: (isOut: boolean) => void): () => void {
  signedOutListeners.add(listener);
  return () => void signedOutListeners.delete(listener);
}

function tellSignedOut(call: number, isOut: boolean): void {
  if (call < answered) return;
  answered = call;
  for (const listener of signedOutListeners) listener(isOut);
}

/** Writes the address of a route, relative to the page. @param path begins with `/`; its variables are encoded */
export function addressOf(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `..${path}${search && `?${search}`}`;
}

/**
 * Gets an answer. An answer that has not changed since the last call is the same object.
 * @throws {ApiError}
 */
export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const address = addressOf(path, query);
  const earlier = known.get(address);
  const headers: Record<string, string> = earlier ? { 'if-none-match': earlier.etag } : {};
  const response = await call(address, { headers }, signal);
  if (LEDGER_ROUTE.test(path)) ledgerAnsweredAt = Date.now();
  if (response.status === 304 && earlier !== undefined) return earlier.data as T;
  const data = (await readJson(response)) as T;
  const etag = response.headers.get('etag');
  known.delete(address);
  if (etag !== null) known.set(address, { etag, data });
  if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
  return data;
}

/** Posts JSON. @throws {ApiError} */
export async function post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
  const init = {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  };
  return (await readJson(await call(addressOf(path), init))) as T;
}

let config: Promise<ConsoleConfig> | undefined;

/** Reads how to sign in, once. @throws {ApiError} */
export function getConfig(): Promise<ConsoleConfig> {
  config ??= call('config.json', {}).then(readJson) as Promise<ConsoleConfig>;
  config.catch(() => {
    config = undefined;
  });
  return config;
}

async function call(address: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const number = ++begun;
  let response: Response;
  try {
    const token = await authorization();
    const headers = { ...(init.headers as object), ...(token !== undefined && { authorization: token }) };
    response = await fetch(address, {
      ...init,
      headers,
      // The answers that are kept are those of `known`.
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const reason = limit.aborted ? 'The pipeline did not answer in time' : 'No connection';
    throw new ApiError('offline', `${reason}. The page tries again automatically.`);
  }
  const error = response.ok || response.status === 304 ? undefined : await explain(response);
  tellSignedOut(number, error?.trouble === 'signed-out');
  if (error !== undefined) throw error;
  return response;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ApiError('offline', 'The connection ended in the middle of an answer. Try again.');
  }
}

/** Makes a sentence of an answer with problem details (RFC 9457), or of one by API Gateway itself. */
async function explain(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const problem = (await response.json().catch(() => ({}))) as { type?: string; detail?: string };
  const retryAfter = Number(headers.get('retry-after') ?? RETRY_SECONDS) || RETRY_SECONDS;
  const detail = problem.detail ?? '';
  // API Gateway refuses a caller without problem details, the API with them.
  if (status === 401 || (status === 403 && problem.type === undefined)) {
    return new ApiError('signed-out', 'You are not signed in, or your session has ended.', status);
  }
  if (status === 403)
    return new ApiError('forbidden', detail || 'You do not have permission for this.', status);
  if (status === 404) return new ApiError('missing', detail || 'It does not exist.', status);
  if (status === 429) {
    return new ApiError('resuming', 'Many people use the console now. It continues shortly.', 429, 2);
  }
  if (status === 503) {
    return new ApiError(
      'resuming',
      'The database is resuming. A minute is usual. If it takes longer, tell your operator.',
      503,
      retryAfter,
    );
  }
  if (status < 500)
    return new ApiError('invalid', detail || `The request was refused (${status}).`, status, undefined);
  return new ApiError('failed', detail || `The pipeline failed (${status}). Try again.`, status, retryAfter);
}
