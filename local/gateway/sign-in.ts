import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { API_PATH } from '../assembly/physical-names.ts';
import type { AccessKeys } from '../iam/access-keys.ts';
import type { RequestTarget } from './service.ts';
import { isEqual } from './signature.ts';

export const SIGN_IN_PATH = '/_sign-in';
/** Time in which a link must be opened. */
const CODE_SECONDS = 3_600;
const SESSION_SECONDS = 12 * 3_600;
/** A page of an API. It has no second slash, after which a browser would read the name of a host. */
const PAGE = new RegExp(`^${API_PATH}\\w+(/[\\w.-]+)*/?$`);

/** Endpoint and secret of a running cloud, with which links are made. */
interface SignInAccess {
  readonly endpoint: string;
  /** Secret of this start, which signs codes. */
  readonly signInSecret: string;
}

/**
 * Makes a link that signs a browser in as the operator, once.
 * @param page address of the page that is shown then, at an API of the cloud
 */
export function createSignInLink({ endpoint, signInSecret }: SignInAccess, page: string): string {
  const code = seal(signInSecret, CODE_SECONDS);
  const query = new URLSearchParams({ code, to: new URL(page).pathname });
  return `${endpoint}${SIGN_IN_PATH}?${query}`;
}

/**
 * Signs browsers in: a code, which works once, becomes a cookie with which the pages of an API call it as the operator.
 * No other service accepts the cookie.
 */
export class SignIn {
  /** A restart ends all codes: only this process knows which ones were used. */
  readonly secret = randomBytes(32).toString('base64url');
  #keys: AccessKeys;
  #advice: string;
  #usedCodes = new Set<string>();

  /** @param advice says how to get another code */
  constructor(keys: AccessKeys, advice: string) {
    this.#keys = keys;
    this.#advice = advice;
  }

  /** Answers a request for {@link SIGN_IN_PATH}. */
  answer(
    { method, headers }: IncomingMessage,
    { searchParams }: RequestTarget,
    response: ServerResponse,
  ): void {
    const page = searchParams.get('to') ?? '';
    const code = searchParams.get('code') ?? '';
    response.setHeader('cache-control', 'no-store');
    response.setHeader('referrer-policy', 'no-referrer');
    if (method !== 'GET' || !PAGE.test(page) || page.includes('..')) {
      this.#refuse(response, 'This is not a link of the local cloud.');
      return;
    }
    if (!isSealed(this.secret, code) || this.#usedCodes.has(code)) {
      this.#refuse(response, 'This link was used before, or it is too old.', page);
      return;
    }
    this.#usedCodes.add(code);
    const cookie = [
      `${cookieName(headers)}=${seal(this.#keys.sessionSecret, SESSION_SECONDS)}`,
      `Path=${API_PATH}`,
      `Max-Age=${SESSION_SECONDS}`,
      'HttpOnly',
      'SameSite=Strict',
    ];
    response.writeHead(303, { location: page, 'set-cookie': cookie.join('; ') }).end();
  }

  /**
   * Finds out whether a page of this gateway made a request, in a browser that has signed in. Cookies do not tell the
   * ports of a machine apart, and a page elsewhere may send them: the browser must say where the request comes from.
   */
  isSignedIn({ method, headers }: IncomingMessage): boolean {
    const { origin, 'sec-fetch-site': site } = headers;
    const isOwn = origin === undefined ? method === 'GET' : origin === `http://${headers.host}`;
    if (!isOwn || (site !== 'same-origin' && site !== 'none')) return false;
    const given = (headers.cookie ?? '').split(/; */).map((pair) => pair.split(/=(.*)/s));
    const values = given.filter(([name]) => name === cookieName(headers)).map(([, value = '']) => value);
    return values.some((value) => isSealed(this.#keys.sessionSecret, value));
  }

  /** @param page where a browser that has signed in can continue */
  #refuse(response: ServerResponse, problem: string, page?: string): void {
    response.writeHead(403, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    const next = page && `<p>If this browser has signed in before, <a href="${page}">continue</a>.</p>`;
    response.end(
      `<!doctype html><meta charset="utf-8"><title>Sign in</title><h1>${problem}</h1><p>${this.#advice}</p>${next ?? ''}\n`,
    );
  }
}

/** The port is in the name: a browser sends the cookies of one port to all ports of a machine. */
function cookieName({ host = '' }: IncomingHttpHeaders): string {
  return `session-${host.split(':').at(-1)}`;
}

/** Makes a text that only a holder of the secret can make, until it ends. */
function seal(secret: string, seconds: number): string {
  const text = `${Math.floor(Date.now() / 1_000) + seconds}.${randomBytes(16).toString('base64url')}`;
  return `${text}.${sign(secret, text)}`;
}

function isSealed(secret: string, sealed: string): boolean {
  const [, text = '', ends = '', signature = ''] = /^((\d+)\.[\w-]+)\.([\w-]+)$/.exec(sealed) ?? [];
  return isEqual(sign(secret, text), signature) && Number(ends) * 1_000 > Date.now();
}

function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}
