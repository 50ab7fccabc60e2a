import type { Logger } from '@aws-lambda-powertools/logger';

const PATH = '/.well-known/openid-configuration';
/** A page waits for the answer. */
const TIMEOUT_MILLISECONDS = 3_000;
/** Endpoints seldom change. */
const VALID_MILLISECONDS = 10 * 60_000;
/** Time after a failure in which the issuer is not asked again: everybody may ask for the page. */
const PAUSE_MILLISECONDS = 10_000;

export interface Endpoints {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly logoutUrl?: string;
}

/** An OpenID provider, which describes itself (OpenID Connect Discovery 1.0, section 4). */
export class Issuer {
  #url: string;
  #logger: Pick<Logger, 'warn'>;
  #known: Endpoints | undefined;
  #askAgainAt = 0;
  #asking: Promise<void> | undefined;

  /** @param url as the tokens of the issuer name it */
  constructor(url: string, logger: Pick<Logger, 'warn'>) {
    this.#url = url;
    this.#logger = logger;
  }

  /** Finds the endpoints of the issuer. If it does not answer, those of its last answer. */
  async findEndpoints(): Promise<Endpoints | undefined> {
    if (Date.now() >= this.#askAgainAt) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined;
      });
      await this.#asking;
    }
    return this.#known;
  }

  async #ask(): Promise<void> {
    try {
      const address = this.#url.replace(/\/$/, '') + PATH;
      const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
      if (!response.ok) throw new Error(`${address} answers with the status ${response.status}`);
      this.#known = readEndpoints((await response.json()) as Record<string, unknown>, this.#url);
      this.#askAgainAt = Date.now() + VALID_MILLISECONDS;
    } catch (error) {
      this.#askAgainAt = Date.now() + PAUSE_MILLISECONDS;
      this.#logger.warn('issuer unusable', { issuer: this.#url, error: error as Error });
    }
  }
}

/** @throws {Error} that says what the operator has to correct */
function readEndpoints(document: Readonly<Record<string, unknown>>, issuer: string): Endpoints {
  // API Gateway compares this text with the claim `iss` of each token.
  if (document.issuer !== issuer) {
    throw new Error(`the issuer calls itself ${document.issuer}: write this as retail:apiJwtIssuer`);
  }
  const methods = document.code_challenge_methods_supported;
  if (Array.isArray(methods) && !methods.includes('S256')) {
    throw new Error('the issuer does not support PKCE with S256, which the page needs');
  }
  const { protocol } = new URL(issuer);
  const read = (name: string): string => {
    const value = String(document[name]);
    if (URL.parse(value)?.protocol === protocol) return value;
    throw new Error(`the issuer names no ${name} that begins with ${protocol}`);
  };
  return {
    authorizeUrl: read('authorization_endpoint'),
    tokenUrl: read('token_endpoint'),
    ...(document.end_session_endpoint !== undefined && { logoutUrl: read('end_session_endpoint') }),
  };
}
