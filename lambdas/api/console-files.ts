import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ConsoleConfig, SignIn } from '../core/console-config.ts';
import { CONSOLE_FOLDER } from '../shared/api-routes.ts';
import type { HttpEvent } from './callers.ts';
import { type Answer, answerJson, ProblemError } from './problem.ts';

const INDEX = 'index.html';
const CONFIG = 'config.json';
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The configuration of the page, and what it may use besides its own files. */
export interface ConsoleSettings {
  /** Returns the configuration of the page at an address. @param host name of the host in the address */
  readonly configAt: (host: string) => Promise<ConsoleConfig>;
  /** Address to which the page posts files. */
  readonly uploadUrl: string;
}

/** The files of the console, which are compressed. Each is read at the first request for it. */
export class ConsoleFiles {
  #folder: URL;
  #settings: ConsoleSettings;
  #names: ReadonlySet<string> | undefined;
  #contents = new Map<string, Buffer>();

  /** @param folder ends with a slash */
  constructor(folder: URL, settings: ConsoleSettings) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** Answers a request, which has no caller. @throws {ProblemError} */
  async answer({ pathParameters, headers }: Pick<HttpEvent, 'pathParameters' | 'headers'>): Promise<Answer> {
    const name = pathParameters?.file;
    const { configAt, uploadUrl } = this.#settings;
    // Only the page itself calls the server that gives it tokens.
    const config = name === INDEX || name === CONFIG ? await configAt(headers.host ?? '') : undefined;
    const common = securityHeaders(config?.signIn, uploadUrl);
    // Relative to an address that ends with /console, whatever is before it.
    if (name === undefined) {
      const location = `${CONSOLE_FOLDER}/${INDEX}`;
      return { statusCode: 302, headers: { ...common, location, 'cache-control': 'no-cache' }, body: '' };
    }
    if (name === CONFIG && config !== undefined) {
      const answer = answerJson(200, config);
      return { ...answer, headers: { ...answer.headers, ...common, 'cache-control': 'no-cache' } };
    }
    const content = this.#read(name);
    const isCompressed = /\bgzip\b(?! *; *q=0(\.0*)?(,|$))/.test(headers['accept-encoding'] ?? '');
    return {
      statusCode: 200,
      headers: {
        ...common,
        'content-type': TYPES[name.split('.').at(-1)!] ?? 'application/octet-stream',
        // The name of every other file has a hash of its content.
        'cache-control': name === INDEX ? 'no-cache' : 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        ...(isCompressed && { 'content-encoding': 'gzip' }),
      },
      body: (isCompressed ? content : gunzipSync(content)).toString('base64'),
      isBase64Encoded: true,
    };
  }

  #read(name: string): Buffer {
    this.#names ??= new Set(readdirSync(this.#folder));
    const file = `${name}.gz`;
    if (!this.#names.has(file)) {
      throw new ProblemError('not-found', 'The console has no such file. Load the page again.');
    }
    const content = this.#contents.get(name) ?? readFileSync(new URL(encodeURIComponent(file), this.#folder));
    this.#contents.set(name, content);
    return content;
  }
}

/** Lets the page use its own files and the addresses that it needs, and nothing else. */
function securityHeaders(signIn: SignIn | undefined, uploadUrl: string): Record<string, string> {
  const signInUrls = signIn?.kind === 'oidc' ? [new URL(signIn.tokenUrl).origin] : [];
  const policy = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'connect-src': ["'self'", uploadUrl, ...signInUrls].join(' '),
    'worker-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
