import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { JwtAuthorizerModel } from '../assembly/readers/api-readers.ts';
import { HttpError } from './http-error.ts';

/** API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers": only RSA-based algorithms. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];
/** The same page: API Gateway can keep a public key for two hours. */
const KEY_MILLISECONDS = 2 * 3_600_000;
/** API Gateway developer guide, "Quotas for configuring and running an HTTP API": for each of both addresses. */
const TIMEOUT_MILLISECONDS = 1_500;
const DISCOVERY = z.object({ jwks_uri: z.url() });

/** Part of a token that functions receive. */
export interface JwtContext {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

/** Verifies the tokens of one issuer as the JWT authorizer of an HTTP API does. */
export class JwtAuthorizer {
  #model: JwtAuthorizerModel;
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(model: JwtAuthorizerModel) {
    this.#model = model;
  }

  /**
   * @param header value of the header `Authorization`
   * @param scopes of the route; a token needs one of them
   * @throws {HttpError} 401 for a token that is not valid, 403 for one without the scopes
   */
  async authorize(header: string | undefined, scopes: readonly string[]): Promise<JwtContext> {
    const token = (header ?? '').replace(/^Bearer +/i, '');
    const claims = await this.#verify(token).catch((error: Error) => {
      throw new HttpError(401, 'Unauthorized', error.message, { 'www-authenticate': 'Bearer' });
    });
    const own = String(claims.scope ?? claims.scp ?? '').split(/[ ,]+/);
    const granted = scopes.filter((scope) => own.includes(scope));
    if (scopes.length > 0 && granted.length === 0) {
      throw new HttpError(403, 'Forbidden', `the token has none of the scopes ${scopes.join(', ')}`);
    }
    const texts = Object.entries(claims).map(([name, value]) => [name, writeClaim(value)] as const);
    return { claims: Object.fromEntries(texts), scopes: scopes.length > 0 ? granted : null };
  }

  async #verify(token: string): Promise<JWTPayload> {
    this.#keys ??= this.#findKeys();
    // A failed discovery is tried again.
    const keys = await this.#keys.catch((error: Error) => {
      this.#keys = undefined;
      throw error;
    });
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer: this.#model.issuer,
      requiredClaims: ['exp'],
    });
    if (protectedHeader.kid === undefined) throw new Error('the token has no key id (kid)');
    if (payload.iat !== undefined && payload.iat > Date.now() / 1_000) {
      throw new Error('the token was issued in the future (iat)');
    }
    // `client_id` counts only where there is no `aud` (the same page).
    const audience = [payload.aud ?? payload.client_id ?? []].flat();
    if (!audience.some((each) => this.#model.audience.includes(String(each)))) {
      throw new Error('the token is for another audience (aud)');
    }
    return payload;
  }

  async #findKeys(): Promise<JWTVerifyGetKey> {
    const url = `${this.#model.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    const { jwks_uri } = DISCOVERY.parse(await answer.json());
    return createRemoteJWKSet(new URL(jwks_uri), {
      timeoutDuration: TIMEOUT_MILLISECONDS,
      cacheMaxAge: KEY_MILLISECONDS,
    });
  }
}

/**
 * Writes a claim as HTTP APIs pass it on: as a text, a list in brackets with spaces between its values. AWS does not
 * document it; aws-solutions-library-samples/guidance-for-claude-code-with-amazon-bedrock issue 802 has an example.
 */
function writeClaim(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeClaim).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
