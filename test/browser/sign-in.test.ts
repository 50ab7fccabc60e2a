import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type * as SignIn from '../../console/sign-in.ts';
import { CHROMIUM } from '../../tools/chromium.ts';
import { CLIENT_ID, OidcProvider } from './oidc-provider.ts';
import { launchBrowser, slowPage } from './slow-browser.ts';

/** The module under test, as a page has it. */
const ENTRY = `
import * as signIn from './console/sign-in.ts';
globalThis.signIn = signIn;`;

const provider = new OidcProvider();
let browser: Browser;
let server: Server;
let address: string;
let context: BrowserContext;
let page: Page;
let client: SignIn.Client;

beforeAll(async () => {
  await provider.start();
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
  });
  const html = `<!doctype html><title>Console</title><script>${outputFiles[0]!.text}</script>`;
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/console/index.html`;
  browser = await launchBrowser();
  client = {
    kind: 'oidc',
    authorizeUrl: `${provider.url}/authorize`,
    tokenUrl: `${provider.url}/token`,
    logoutUrl: `${provider.url}/logout`,
    clientId: CLIENT_ID,
    scopes: ['openid'],
  };
});
afterAll(async () => {
  await browser?.close();
  await provider.stop();
  await server?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  provider.mode = 'works';
  provider.lifetime = 3_600;
  provider.grants.length = 0;
  context = await browser.newContext();
  page = await context.newPage();
  await slowPage(page);
  await page.goto(address);
});
afterEach(() => context.close());

type Call = 'resumeSignIn' | 'startSignIn' | 'signOut' | 'authorizationOf';
const call = <Result>(name: Call, on = page): Promise<Result> =>
  on.evaluate(
    ([chosen, given]) =>
      (globalThis as unknown as { signIn: Record<string, (client: unknown) => Promise<Result>> }).signIn[
        chosen
      ]!(given),
    [name, client] as const,
  ) as Promise<Result>;
const resume = (on = page) => call<SignIn.SignInState>('resumeSignIn', on);
const authorize = () => call<string | undefined>('authorizationOf');

/** Begins, and waits until the provider has sent the person back. */
async function signIn(on = page): Promise<SignIn.SignInState> {
  const returned = on.waitForURL((url) => url.searchParams.has('state'));
  await call('startSignIn', on);
  await returned;
  await on.waitForLoadState();
  return resume(on);
}

describe.skipIf(CHROMIUM === undefined)('a person', () => {
  test('is signed out first, and signed in after the page of the provider, at the same place', async () => {
    expect(await resume()).toEqual({ kind: 'out' });
    expect(await authorize()).toBeUndefined();
    await page.goto(`${address}#/files?page=2`);
    expect(await signIn()).toEqual({ kind: 'in' });
    expect(page.url()).toBe(`${address}#/files?page=2`);
    const [scheme, token = ''] = (await authorize())!.split(' ');
    const keys = createRemoteJWKSet(new URL(`${provider.url}/jwks`));
    const { payload } = await jwtVerify(token, keys, { issuer: provider.url, audience: CLIENT_ID });
    expect([scheme, payload['cognito:groups']]).toEqual(['Bearer', ['store:main']]);
  });

  test('stays signed in when the tab is loaded again, and in this tab only', async () => {
    await signIn();
    const header = await authorize();
    await page.reload();
    expect([await resume(), await authorize()]).toEqual([{ kind: 'in' }, header]);
    const other = await context.newPage();
    await other.goto(address);
    expect(await resume(other)).toEqual({ kind: 'out' });
    expect(provider.grants).toEqual(['authorization_code']);
  });

  test('gets another token before one ends, with one request for all calls', async () => {
    provider.lifetime = 59;
    await signIn();
    provider.lifetime = 3_600;
    const headers = await Promise.all([authorize(), authorize(), authorize()]);
    expect(new Set(headers).size).toBe(1);
    expect(provider.grants).toEqual(['authorization_code', 'refresh_token']);
    expect(await authorize()).toBe(headers[0]);
  });

  test('whose session has ended is signed out', async () => {
    provider.lifetime = 1;
    await signIn();
    provider.mode = 'refuses to refresh';
    expect(await authorize()).toBeUndefined();
    await page.reload();
    expect(await resume()).toEqual({ kind: 'out' });
  });

  test('is not signed out by a provider that is away for a moment', async () => {
    provider.lifetime = 1;
    await signIn();
    provider.mode = 'is away';
    await expect(authorize()).rejects.toThrow('status 503');
    provider.mode = 'works';
    expect(await authorize()).toMatch(/^Bearer /);
  });

  test('who signs out has no tokens, and comes back to the page', async () => {
    await page.goto(`${address}#/days`);
    await signIn();
    const returned = page.waitForURL(address);
    await call('signOut');
    await returned;
    await page.waitForLoadState();
    expect(await resume()).toEqual({ kind: 'out' });
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});

describe.skipIf(CHROMIUM === undefined)('an answer of the provider', () => {
  test('that was not asked for is refused, without a request', async () => {
    await page.goto(`${address}?code=stolen&state=stolen`);
    expect(await resume()).toMatchObject({
      kind: 'out',
      message: expect.stringContaining('not begun in this tab'),
    });
    expect([provider.grants, page.url()]).toEqual([[], address]);
  });

  test('with the state of another sign-in is refused, and ends the one that had begun', async () => {
    await page.evaluate(() =>
      sessionStorage.setItem(
        'retail.sign-in.attempt',
        JSON.stringify({ state: 's', nonce: 'n', verifier: 'v', hash: '' }),
      ),
    );
    await page.goto(`${address}?code=c&state=other`);
    expect(await resume()).toMatchObject({ kind: 'out', message: expect.stringContaining('not begun') });
    await page.goto(`${address}?code=c&state=s`);
    expect(await resume()).toMatchObject({ kind: 'out' });
    expect(provider.grants).toEqual([]);
  });

  test('with the nonce of another sign-in is refused', async () => {
    provider.mode = 'sends another nonce';
    expect(await signIn()).toMatchObject({ kind: 'out', message: expect.stringContaining('not begun') });
    expect(await authorize()).toBeUndefined();
  });

  test.each([
    ['denies', 'You did not sign in.'],
    ['is away', 'The sign-in service does not answer. Check the connection, then sign in again.'],
  ] as const)('is told in words if the provider %s', async (mode, message) => {
    provider.mode = mode;
    expect(await signIn()).toEqual({ kind: 'out', message });
  });

  test('that is used twice is refused', async () => {
    const returned = page.waitForURL((url) => url.searchParams.has('state'));
    await call('startSignIn');
    await returned;
    const { href } = new URL(page.url());
    const attempt = await page.evaluate(() => sessionStorage.getItem('retail.sign-in.attempt')!);
    expect(await resume()).toEqual({ kind: 'in' });
    await page.evaluate((text) => {
      sessionStorage.clear();
      sessionStorage.setItem('retail.sign-in.attempt', text);
    }, attempt);
    await page.goto(href);
    expect(await resume()).toEqual({ kind: 'out', message: 'This sign-in has expired. Sign in again.' });
  });
});
