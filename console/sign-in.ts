import type { SignIn } from '../lambdas/core/console-config.ts';

/**
 * Signing in at an OpenID provider: authorization code with PKCE (RFC 7636). The tokens are in the memory of the tab, and
 * in its `sessionStorage` for when it is loaded again; the policy of the page lets no other script read them.
 */
export type Client = Extract<SignIn, { kind: 'oidc' }>;

/** Says if the person has signed in. The message is a sentence for the person at the screen. */
export type SignInState = { readonly kind: 'in' } | { readonly kind: 'out'; readonly message?: string };

interface Tokens {
  readonly access: string;
  readonly refresh: string | undefined;
  /** Names the session that ends at the provider. */
  readonly id: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A sign-in that has begun: what proves, at its end, that it is the same. */
interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Place in the console to which the person returns. */
  readonly hash: string;
}

interface TokenAnswer {
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly expires_in?: number;
  readonly error?: string;
  readonly error_description?: string;
}

const ATTEMPT_KEY = 'retail.sign-in.attempt';
const TOKENS_KEY = 'retail.sign-in.tokens';
/** Time before its end in which a token is replaced: a call takes less. */
const MARGIN_MILLISECONDS = 60_000;
const TIMEOUT_MILLISECONDS = 15_000;
const DEFAULT_SECONDS = 3_600;

const NOT_OURS = 'This sign-in was not begun in this tab, or it was used before. Sign in again.';
const NO_ANSWER = 'The sign-in service does not answer. Check the connection, then sign in again.';

let tokens: Tokens | undefined;
let refreshing: Promise<void> | undefined;

/** Finds out whether the person has signed in, and ends a sign-in that has begun when the provider sends them back. */
export async function resumeSignIn(client: Client): Promise<SignInState> {
  const answer = new URLSearchParams(location.search);
  if (answer.has('code') || answer.has('error')) return endSignIn(client, answer);
  tokens ??= readStored<Tokens>(TOKENS_KEY);
  return tokens === undefined ? { kind: 'out' } : { kind: 'in' };
}

/** Leaves the page for that of the provider. */
export async function startSignIn(client: Client): Promise<void> {
  leaving = true;
  const [state, nonce, verifier] = [randomText(), randomText(), randomText()];
  const attempt: Attempt = { state, nonce, verifier, hash: location.hash };
  sessionStorage.setItem(ATTEMPT_KEY, JSON.stringify(attempt));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const address = new URL(client.authorizeUrl);
  addParameters(address, {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: pageAddress(),
    scope: client.scopes.join(' '),
    state,
    nonce,
    code_challenge: toBase64Url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    // Other parameters are ignored (RFC 6749, section 3.1): some providers give a token for an API by this one only.
    audience: client.audience,
  });
  location.assign(address);
}

let leaving = false;

/** True while the page is left for that of the provider, from which the person returns. */
export function isSigningIn(): boolean {
  return leaving;
}

/** Forgets the tokens, and ends the session at the provider, which would otherwise sign in without a question. */
export function signOut({ logoutUrl, clientId, audience }: Client): void {
  const session = tokens?.id;
  setTokens(undefined);
  // Nothing of the person stays in the tab, neither what the screens keep when the page is left.
  addEventListener('pagehide', () => sessionStorage.clear());
  if (logoutUrl === undefined) {
    location.reload();
    return;
  }
  const address = new URL(logoutUrl);
  const returnTo = pageAddress();
  addParameters(address, {
    client_id: clientId,
    // Amazon Cognito has another name for the address of return (OpenID Connect RP-Initiated Logout 1.0, section 2).
    ...(audience === undefined
      ? { logout_uri: returnTo }
      : { post_logout_redirect_uri: returnTo, id_token_hint: session }),
  });
  location.assign(address);
}

/**
 * Returns the header `Authorization` of a call, with a token that is valid for a minute or more.
 * @returns undefined for a person who has to sign in
 * @throws {Error} if the provider does not answer
 */
export async function authorizationOf(client: Client): Promise<string | undefined> {
  if (tokens !== undefined && tokens.expiresAt - Date.now() < MARGIN_MILLISECONDS) {
    // One refresh for all calls that wait: a provider may accept the token for it once.
    refreshing ??= refresh(client, tokens).finally(() => {
      refreshing = undefined;
    });
    await refreshing;
  }
  return tokens && `Bearer ${tokens.access}`;
}

async function endSignIn(client: Client, answer: URLSearchParams): Promise<SignInState> {
  const attempt = readStored<Attempt>(ATTEMPT_KEY);
  sessionStorage.removeItem(ATTEMPT_KEY);
  // A code is used once: it must not be in the history or in a bookmark.
  history.replaceState(null, '', `${location.pathname}${attempt?.hash ?? ''}`);
  if (attempt === undefined || answer.get('state') !== attempt.state)
    return { kind: 'out', message: NOT_OURS };
  const error = answer.get('error');
  if (error !== null) return { kind: 'out', message: explain(error, answer.get('error_description')) };
  let granted: TokenAnswer;
  try {
    granted = await requestTokens(client, {
      grant_type: 'authorization_code',
      code: answer.get('code')!,
      redirect_uri: pageAddress(),
      code_verifier: attempt.verifier,
    });
  } catch {
    return { kind: 'out', message: NO_ANSWER };
  }
  if (granted.access_token === undefined) {
    return { kind: 'out', message: explain(granted.error ?? '', granted.error_description) };
  }
  // The token came from the provider itself over TLS, which takes the place of its signature (OpenID Connect Core 1.0,
  // section 3.1.3.7).
  const claims = readClaims(granted.id_token);
  const isOurs = claims?.nonce === attempt.nonce && [claims.aud].flat().includes(client.clientId);
  if (!isOurs) return { kind: 'out', message: NOT_OURS };
  keep(granted);
  return { kind: 'in' };
}

async function refresh(client: Client, { refresh: token, id }: Tokens): Promise<void> {
  if (token === undefined) {
    setTokens(undefined);
    return;
  }
  const granted = await requestTokens(client, { grant_type: 'refresh_token', refresh_token: token });
  if (granted.access_token === undefined) setTokens(undefined);
  else keep({ refresh_token: token, ...(id !== undefined && { id_token: id }), ...granted });
}

/** @throws {Error} if there is no answer that can be read */
async function requestTokens(client: Client, fields: Readonly<Record<string, string>>): Promise<TokenAnswer> {
  const response = await fetch(client.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, client_id: client.clientId }).toString(),
    credentials: 'omit',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  // Errors of OAuth have the status 400 or 401 and a body; others pass.
  if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`);
  return (await response.json()) as TokenAnswer;
}

function keep({
  access_token = '',
  refresh_token,
  id_token,
  expires_in = DEFAULT_SECONDS,
}: TokenAnswer): void {
  const expiresAt = Date.now() + expires_in * 1_000;
  setTokens({ access: access_token, refresh: refresh_token, id: id_token, expiresAt });
}

function setTokens(value: Tokens | undefined): void {
  tokens = value;
  if (value === undefined) sessionStorage.removeItem(TOKENS_KEY);
  else sessionStorage.setItem(TOKENS_KEY, JSON.stringify(value));
}

function explain(error: string, description: string | null | undefined): string {
  if (error === 'access_denied') return 'You did not sign in.';
  if (error === 'invalid_grant') return 'This sign-in has expired. Sign in again.';
  return `The sign-in service refused: ${description || error || 'it gave no reason'}. Ask the operator of the console.`;
}

function readClaims(token = ''): { nonce?: string; aud?: string | string[] } | undefined {
  try {
    const [, payload = ''] = token.split('.');
    const base64 = payload.replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(base64)) as { nonce?: string; aud?: string | string[] };
  } catch {
    return undefined;
  }
}

function readStored<Value>(key: string): Value | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(key) ?? 'null') as Value | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Adds to the parameters that an endpoint of the provider may already have. */
function addParameters(address: URL, parameters: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
}

/** The address of this page without query and place, as it is registered at the provider. */
function pageAddress(): string {
  return `${location.origin}${location.pathname}`;
}

/** 256 random bits. */
function randomText(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
