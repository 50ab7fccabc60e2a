import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const CLIENT_ID = 'console';

interface Grant {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string;
}

/** A small OpenID provider that signs everybody in at once. It checks what a public client must send. */
export class OidcProvider {
  /** How the provider answers next. */
  mode: 'works' | 'denies' | 'is away' | 'sends another nonce' | 'refuses to refresh' = 'works';
  /** Seconds for which tokens are valid. */
  lifetime = 3_600;
  /** Grants that were asked for. */
  readonly grants: string[] = [];
  /** Parameters of the last request for its page, and of the last end of a session. */
  asked = new URLSearchParams();
  ended = new URLSearchParams();
  /** Claims of the tokens for the API. */
  claims: object = { 'cognito:groups': ['store:main'] };
  url = '';
  #server: Server;
  #codes = new Map<string, Grant>();
  #refreshTokens = new Set<string>();
  #keys = generateKeyPair('RS256', { extractable: true });

  constructor() {
    this.#server = createServer(async (request, response) => {
      const { status, headers, body } = await this.#answer(request);
      response.writeHead(status, { 'access-control-allow-origin': '*', ...headers }).end(body);
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await this.#server[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage) {
    const { pathname, searchParams: query } = new URL(request.url!, this.url);
    if (pathname === '/authorize') {
      this.asked = query;
      return this.#authorize(query);
    }
    if (pathname === '/logout') {
      this.ended = query;
      return redirect((query.get('logout_uri') ?? query.get('post_logout_redirect_uri'))!, {});
    }
    if (pathname === '/token') return this.#grant(new URLSearchParams(await text(request)));
    if (pathname === '/jwks') {
      const { publicKey } = await this.#keys;
      return json(200, { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] });
    }
    if (pathname === '/.well-known/openid-configuration') {
      if (this.mode === 'is away') return json(503, {});
      return json(200, {
        issuer: this.url,
        authorization_endpoint: `${this.url}/authorize?tenant=shops`,
        token_endpoint: `${this.url}/token`,
        end_session_endpoint: `${this.url}/logout`,
        jwks_uri: `${this.url}/jwks`,
      });
    }
    return json(404, {});
  }

  #authorize(query: URLSearchParams) {
    const [redirectUri, state] = [query.get('redirect_uri')!, query.get('state')!];
    const isComplete =
      query.get('response_type') === 'code' &&
      query.get('client_id') === CLIENT_ID &&
      query.get('code_challenge_method') === 'S256' &&
      query.get('scope')?.split(' ').includes('openid') &&
      state.length >= 32;
    if (!isComplete) return json(400, { error: 'invalid_request' });
    if (this.mode === 'denies') return redirect(redirectUri, { error: 'access_denied', state });
    const code = randomUUID();
    const nonce = query.get('nonce')!;
    this.#codes.set(code, { challenge: query.get('code_challenge')!, redirectUri, nonce });
    return redirect(redirectUri, { code, state });
  }

  async #grant(fields: URLSearchParams) {
    this.grants.push(fields.get('grant_type')!);
    if (this.mode === 'is away') return json(503, {});
    if (fields.get('client_id') !== CLIENT_ID) return json(401, { error: 'invalid_client' });
    if (fields.get('grant_type') === 'refresh_token') {
      const isKnown = this.#refreshTokens.has(fields.get('refresh_token')!);
      if (!isKnown || this.mode === 'refuses to refresh') return json(400, { error: 'invalid_grant' });
      return json(200, await this.#createTokens({}));
    }
    const grant = this.#codes.get(fields.get('code')!);
    this.#codes.delete(fields.get('code')!);
    const challenge = createHash('sha256').update(fields.get('code_verifier')!).digest('base64url');
    const isValid = grant?.challenge === challenge && grant.redirectUri === fields.get('redirect_uri');
    if (!isValid) return json(400, { error: 'invalid_grant' });
    const refresh_token = randomUUID();
    this.#refreshTokens.add(refresh_token);
    const nonce = this.mode === 'sends another nonce' ? 'other' : grant.nonce;
    return json(200, { ...(await this.#createTokens({ nonce })), refresh_token });
  }

  async #createTokens(claims: object) {
    const { privateKey } = await this.#keys;
    const sign = (all: object) =>
      new SignJWT({ ...all })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer(this.url)
        .setSubject('manager ü')
        .setAudience(CLIENT_ID)
        .setJti(randomUUID())
        .setExpirationTime(Math.floor(Date.now() / 1_000) + this.lifetime)
        .sign(privateKey);
    return {
      access_token: await sign(this.claims),
      id_token: await sign(claims),
      expires_in: this.lifetime,
    };
  }
}

function json(status: number, body: object) {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function redirect(address: string, query: Readonly<Record<string, string>>) {
  const location = new URL(address);
  for (const [name, value] of Object.entries(query)) location.searchParams.set(name, value);
  return { status: 302, headers: { location: location.href }, body: '' };
}
