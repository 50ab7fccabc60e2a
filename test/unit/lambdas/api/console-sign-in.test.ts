import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSignIn } from '../../../../lambdas/api/console-sign-in.ts';

const CLIENT = {
  kind: 'oidc',
  authorizeUrl: 'https://login.example.com/oauth2/authorize',
  tokenUrl: 'https://login.example.com/oauth2/token',
  logoutUrl: 'https://login.example.com/logout',
  clientId: 'c',
  scopes: ['openid'],
} as const;
const consoleUrl = 'https://people.example.com/console/index.html';
const TEXT = JSON.stringify({ ...CLIENT, consoleUrl });
const warn = vi.fn();
const describeAt = (host: string, text = TEXT) => createSignIn(text, { warn })(host);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  warn.mockClear();
});

test('people sign in at the address of their API', async () => {
  expect(await describeAt('people.example.com')).toEqual(CLIENT);
});

test('at the address of the tills, the page names the other address', async () => {
  expect(await describeAt('tills.example.com')).toEqual({
    kind: 'none',
    message: `People sign in at another address: ${consoleUrl}`,
  });
});

test('without the setting, no person can sign in', async () => {
  expect(await describeAt('tills.example.com', '{"kind":"none"}')).toMatchObject({ kind: 'none' });
});

describe('an issuer of one’s own', () => {
  const issuer = 'https://login.example.com/tenant/';
  const DOCUMENT = {
    issuer,
    authorization_endpoint: 'https://login.example.com/authorize?policy=b',
    token_endpoint: 'https://tokens.example.com/token',
    end_session_endpoint: 'https://login.example.com/logout',
    code_challenge_methods_supported: ['plain', 'S256'],
  };
  const settings = { audience: 'retail', clientId: 'console', scopes: ['openid', 'email'] };
  const text = JSON.stringify({ kind: 'issuer', consoleUrl, issuer, ...settings });
  const found = {
    kind: 'oidc',
    authorizeUrl: DOCUMENT.authorization_endpoint,
    tokenUrl: DOCUMENT.token_endpoint,
    logoutUrl: DOCUMENT.end_session_endpoint,
    ...settings,
  };
  const away = { kind: 'none', isTemporary: true, message: expect.stringContaining('does not answer') };
  const ask = vi.fn<(address: string) => Promise<Response>>();
  const answer = (document: object = DOCUMENT) => ask.mockImplementation(async () => Response.json(document));
  const later = (minutes: number) => vi.setSystemTime(Date.now() + minutes * 60_000);
  const host = 'people.example.com';

  beforeEach(() => {
    ask.mockReset();
    vi.stubGlobal('fetch', ask);
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  test('is asked for its endpoints, once in ten minutes', async () => {
    answer();
    const describe = createSignIn(text, { warn });
    expect(await Promise.all([describe(host), describe(host)])).toEqual([found, found]);
    expect(ask.mock.calls.map(([address]) => address)).toEqual([
      'https://login.example.com/tenant/.well-known/openid-configuration',
    ]);
    later(9);
    await describe(host);
    expect(ask).toHaveBeenCalledTimes(1);
    answer({ ...DOCUMENT, token_endpoint: 'https://new.example.com/token' });
    later(2);
    expect(await describe(host)).toMatchObject({ tokenUrl: 'https://new.example.com/token' });
  });

  test('is not asked by callers at another address', async () => {
    expect(await describeAt('tills.example.com', text)).toMatchObject({ kind: 'none' });
    expect(ask).not.toHaveBeenCalled();
  });

  test('that is away is said to be so, and is asked again after a moment', async () => {
    const describe = createSignIn(text, { warn });
    ask.mockRejectedValue(new TypeError('fetch failed'));
    expect(await describe(host)).toEqual(away);
    answer();
    expect(await describe(host)).toEqual(away);
    expect(ask).toHaveBeenCalledTimes(1);
    later(0.2);
    expect(await describe(host)).toEqual(found);
  });

  test('that is away later is used by its last answer', async () => {
    answer();
    const describe = createSignIn(text, { warn });
    await describe(host);
    ask.mockImplementation(async () => new Response('', { status: 503 }));
    later(60);
    expect(await describe(host)).toEqual(found);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test('may have no page for signing out, and say nothing of PKCE', async () => {
    const { end_session_endpoint: _, code_challenge_methods_supported: __, ...document } = DOCUMENT;
    answer(document);
    const { logoutUrl: ___, ...client } = found;
    expect(await describeAt(host, text)).toEqual(client);
  });

  test.each<[string, object | string, string]>([
    [
      'calls itself otherwise',
      { issuer: 'https://login.example.com/tenant' },
      'write this as retail:apiJwtIssuer',
    ],
    ['knows no PKCE', { code_challenge_methods_supported: ['plain'] }, 'does not support PKCE'],
    ['has no token endpoint', { token_endpoint: undefined }, 'names no token_endpoint'],
    ['has a token endpoint without TLS', { token_endpoint: 'http://a.example/' }, 'that begins with https:'],
    ['has a script as its page', { authorization_endpoint: 'javascript:alert(1)' }, 'authorization_endpoint'],
    ['has a script as its way out', { end_session_endpoint: 'javascript:alert(1)' }, 'end_session_endpoint'],
    ['answers with a page', '<html>', 'JSON'],
  ])('that %s is not used, and the log says why', async (_, change, reason) => {
    if (typeof change === 'string') ask.mockImplementation(async () => new Response(change));
    else answer({ ...DOCUMENT, ...change });
    expect(await describeAt(host, text)).toEqual(away);
    expect(warn.mock.calls).toMatchObject([
      ['issuer unusable', { issuer, error: { message: expect.stringContaining(reason) } }],
    ]);
  });
});
