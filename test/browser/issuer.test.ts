import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HttpEvent } from '../../lambdas/api/callers.ts';
import { ConsoleFiles } from '../../lambdas/api/console-files.ts';
import { createSignIn } from '../../lambdas/api/console-sign-in.ts';
import { answerJson, answerProblem, toProblem } from '../../lambdas/api/problem.ts';
import { getSession } from '../../lambdas/api/session.ts';
import { CONSOLE_PAGE } from '../../lambdas/shared/console-sign-in.ts';
import { buildConsole } from '../../lib/api/build-console.ts';
import { CHROMIUM } from '../../tools/chromium.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { CLIENT_ID, OidcProvider } from './oidc-provider.ts';
import { launchBrowser, slowPage } from './slow-browser.ts';

const dir = temporaryDir();
const provider = new OidcProvider();
/** Audience that the API wants. */
let audience = CLIENT_ID;
let files: ConsoleFiles;
let browser: Browser;
let server: Server;
let address: string;
let context: BrowserContext;
let page: Page;

/** Answers as API Gateway and the function do, with the authorizer of the issuer. */
async function answer(path: string, headers: Record<string, string>) {
  const [, file] = /^\/console\/([^/?]*)/.exec(path) ?? [];
  if (file !== undefined) return files.answer({ headers, pathParameters: { file } });
  const token = headers.authorization?.replace(/^Bearer /, '') ?? '';
  const keys = createRemoteJWKSet(new URL(`${provider.url}/jwks`));
  const verified = await jwtVerify(token, keys, { issuer: provider.url, audience }).catch(() => undefined);
  if (verified === undefined) return answerJson(401, { message: 'Unauthorized' });
  if (path !== '/session') return answerJson(404, {});
  const { stores } = verified.payload as { stores?: string[] };
  // API Gateway writes a list so.
  const claims = stores === undefined ? {} : { stores: `[${stores.join(' ')}]` };
  const requestContext = { routeKey: 'GET /session', requestId: 'r', authorizer: { jwt: { claims } } };
  return answerJson(
    200,
    getSession(
      { requestContext } as unknown as HttpEvent,
      {
        stage: 'prod',
        stores: ['main', 'oslo'],
      } as never,
      { returns: {}, taxes: [], profiles: [], knownStores: ['main', 'oslo'] } as never,
    ),
  );
}

beforeAll(async () => {
  buildConsole(dir);
  await provider.start();
  server = createServer(async (request, response) => {
    const { statusCode, headers, body, isBase64Encoded } = await answer(
      request.url!,
      request.headers as Record<string, string>,
    ).catch((error) => answerProblem(toProblem(error)));
    response.writeHead(statusCode, headers).end(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${CONSOLE_PAGE}`;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await provider.stop();
  server?.closeAllConnections();
  await server?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  provider.mode = 'works';
  provider.claims = { stores: ['oslo'] };
  audience = CLIENT_ID;
  // Each test has a function that has just started.
  const text = {
    kind: 'issuer',
    consoleUrl: address,
    issuer: provider.url,
    audience: 'retail',
    clientId: CLIENT_ID,
    scopes: ['openid', 'email'],
  };
  const describeSignIn = createSignIn(JSON.stringify(text), { warn: () => undefined });
  files = new ConsoleFiles(pathToFileURL(`${dir}/console/`), {
    configAt: async (host) => ({ stage: 'prod', signIn: await describeSignIn(host), hasLocalControl: false }),
    uploadUrl: 'https://bucket.example.com/',
  });
  context = await browser.newContext();
  page = await context.newPage();
  await slowPage(page);
});
afterEach(() => context.close());

const signIn = () => page.getByRole('button', { name: 'Sign in' }).click();
const identity = () => page.locator('.identity').innerText();

describe.skipIf(CHROMIUM === undefined)('a person with an account of the company', () => {
  test('signs in at the issuer, sees the stores of the token, and signs out', async () => {
    await page.goto(`${address}#/days`);
    await signIn();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(page.url()).toBe(`${address}#/days`);
    expect(await identity()).toMatch(/prod\s+oslo/);
    expect(Object.fromEntries(provider.asked)).toMatchObject({
      tenant: 'shops',
      audience: 'retail',
      scope: 'openid email',
      redirect_uri: address,
    });
    await page.getByRole('button', { name: 'Sign out' }).click();
    // The page that is left may offer it too.
    await page.waitForURL(address);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(Object.fromEntries(provider.ended)).toEqual({
      client_id: CLIENT_ID,
      post_logout_redirect_uri: address,
      id_token_hint: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  test('reads that the issuer is away, and signs in when it is back', async () => {
    provider.mode = 'is away';
    await page.goto(address);
    await page.getByText('The sign-in service does not answer.').waitFor();
    provider.mode = 'works';
    // The function asks again after ten seconds.
    await expect
      .poll(
        async () => {
          const button = page.getByRole('button', { name: /^(Sign in|Try again)$/ });
          const name = await button.textContent();
          if (name === 'Try again') await Promise.all([page.waitForEvent('load'), button.click()]);
          return name;
        },
        { interval: 1_000 },
      )
      .toBe('Sign in');
    await signIn();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  });

  test('without a store reads what to ask for, and can sign in with another account', async () => {
    provider.claims = {};
    await page.goto(address);
    await signIn();
    await page.getByText('Ask the operator for access to a store').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  test('whose token is for another API reads that the console does not accept it', async () => {
    audience = 'retail';
    await page.goto(address);
    await signIn();
    await page.getByText('this console does not accept it').waitFor();
  });
});
