import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startApis } from './running-apis.ts';

interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

const rsa = await generateKeyPair('RS256');
const other = await generateKeyPair('RS256');
const elliptic = await generateKeyPair('ES256');

/** The issuer of the test, and how often its keys were read. */
let reads = 0;
let isAway = false;
const server = createServer(async (request, response) => {
  if (isAway) return response.writeHead(503).end();
  if (request.url === '/.well-known/openid-configuration') {
    return response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
  }
  reads++;
  const jwks = { rsa, elliptic } as Record<string, KeyPair>;
  const keys = await Promise.all(
    Object.entries(jwks).map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid })),
  );
  return response.end(JSON.stringify({ keys }));
});
server.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => server.close());

const CODE = `export const handler = async (event) => event.requestContext.authorizer;`;
const { httpUrl } = await startApis({ code: CODE, jwtIssuer: issuer });
/** Another API of the same issuer, which has not read its keys. */
const fresh = await startApis({ code: CODE, jwtIssuer: issuer });

interface Token {
  readonly claims?: Record<string, unknown>;
  readonly header?: { kid?: string | undefined; alg?: string };
  readonly key?: CryptoKey | Uint8Array;
}

const now = () => Math.floor(Date.now() / 1_000);

function sign({ claims = {}, header = {}, key = rsa.privateKey }: Token): Promise<string> {
  const all = { iss: issuer, aud: 'retail', exp: now() + 60, iat: now() - 1, ...claims };
  const known = Object.entries(all).filter(([, value]) => value !== undefined);
  const { kid = 'rsa', alg = 'RS256' } = header;
  const protectedHeader = 'kid' in header && header.kid === undefined ? { alg } : { alg, kid };
  return new SignJWT(Object.fromEntries(known)).setProtectedHeader(protectedHeader).sign(key);
}

async function call(token: string | undefined, path = '/token') {
  const answer = await fetch(httpUrl + path, {
    headers: token === undefined ? {} : { authorization: token },
  });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
}

beforeEach(() => {
  isAway = false;
});

describe('a token', () => {
  it('is accepted with its claims as texts, with and without the word Bearer', async () => {
    const claims = { stores: ['a', 'b'], level: 3, admin: true };
    const token = await sign({ claims });
    for (const text of [`Bearer ${token}`, token]) {
      const { status, body } = await call(text);
      expect([status, JSON.parse(body)]).toEqual([
        200,
        {
          jwt: {
            claims: expect.objectContaining({
              ...{
                stores: '[a b]',
                level: '3',
                admin: 'true',
                aud: 'retail',
                exp: expect.stringMatching(/^\d+$/),
              },
            }),
            scopes: null,
          },
        },
      ]);
    }
    expect(reads).toBe(1);
  });

  it.each<[string, Token]>([
    ['of another issuer', { claims: { iss: 'https://other.example' } }],
    ['for another audience', { claims: { aud: 'other' } }],
    ['for another audience, whatever its client', { claims: { aud: ['other'], client_id: 'retail' } }],
    ['without an audience', { claims: { aud: undefined } }],
    ['that has expired', { claims: { exp: now() - 1 } }],
    ['that never expires', { claims: { exp: undefined } }],
    ['that is not valid yet', { claims: { nbf: now() + 60 } }],
    ['from the future', { claims: { iat: now() + 60 } }],
    ['of another key', { key: other.privateKey }],
    ['of an unknown key', { key: other.privateKey, header: { kid: 'other' } }],
    ['without the id of its key', { header: { kid: undefined } }],
    [
      'of an algorithm other than RSA',
      { key: elliptic.privateKey, header: { alg: 'ES256', kid: 'elliptic' } },
    ],
    ['with a shared secret', { key: new Uint8Array(32), header: { alg: 'HS256' } }],
  ])('is refused: %s', async (_, token) => {
    const { status, body, headers } = await call(`Bearer ${await sign(token)}`);
    expect([status, body]).toEqual([401, '{"message":"Unauthorized"}']);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each([undefined, '', 'Bearer', 'Bearer x', 'Bearer a.b.c', 'Basic YTpi', 'x'.repeat(5_000)])(
    'is refused if it is none: %s',
    async (text) => {
      expect(await call(text)).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' });
    },
  );

  it('without a signature is refused', async () => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const claims = { iss: issuer, aud: 'retail', exp: now() + 60 };
    const { status } = await call(`${encode({ alg: 'none', kid: 'rsa' })}.${encode(claims)}.`);
    expect(status).toBe(401);
  });

  it('may have its audience in client_id', async () => {
    const { status } = await call(await sign({ claims: { aud: undefined, client_id: 'retail' } }));
    expect(status).toBe(200);
  });

  it('needs one of the scopes of the route', async () => {
    const scoped = async (claims: object) => call(await sign({ claims: { ...claims } }), '/scoped');
    expect(await scoped({})).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
    expect(await scoped({ scope: 'reader writer' })).toMatchObject({ status: 403 });
    const granted = await scoped({ scope: 'write other' });
    expect([granted.status, JSON.parse(granted.body)]).toMatchObject([200, { jwt: { scopes: ['write'] } }]);
  });
});

describe('an issuer', () => {
  it('that is away is asked again by the next request', async () => {
    isAway = true;
    const headers = { authorization: await sign({}) };
    expect((await fetch(`${fresh.httpUrl}/token`, { headers })).status).toBe(401);
    isAway = false;
    expect((await fetch(`${fresh.httpUrl}/token`, { headers })).status).toBe(200);
  });
});
