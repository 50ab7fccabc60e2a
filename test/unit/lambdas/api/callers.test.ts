import { describe, expect, test } from 'vitest';
import { identifyCaller, NEEDS } from '../../../../lambdas/api/callers.ts';
import type { Role } from '../../../../lambdas/core/api-answers.ts';
import type { RouteName } from '../../../../lambdas/shared/api-routes.ts';
import { database, mockServices, request, sqs } from './running-api.ts';

mockServices();

const claims = (all: Readonly<Record<string, unknown>>) => ({ jwt: { claims: all } });
const identify = (authorizer: object) =>
  identifyCaller({ routeKey: 'GET /uploads', requestId: 'r', authorizer });

describe('a caller', () => {
  test.each<[string, object, ReturnType<typeof identifyCaller>]>([
    ['with IAM is an operator', { iam: {} }, { role: 'operator', reads: undefined, sends: undefined }],
    [
      'of the group of operators is one',
      claims({ 'cognito:groups': '[store:oslo operators]' }),
      { role: 'operator', reads: undefined, sends: undefined },
    ],
    [
      'with stores in the claim sends and reads',
      claims({ stores: '[oslo bergen]' }),
      { role: 'sender', reads: ['oslo', 'bergen'], sends: ['oslo', 'bergen'] },
    ],
    [
      'with all stores in the claim is not an operator',
      claims({ stores: '*' }),
      { role: 'sender', reads: undefined, sends: undefined },
    ],
    [
      'of the groups of two stores sends to one and reads both',
      claims({ 'cognito:groups': '[store:oslo viewer:bergen]' }),
      { role: 'sender', reads: ['oslo', 'bergen'], sends: ['oslo'] },
    ],
    [
      'who may look at one store is a viewer',
      claims({ 'cognito:groups': '[viewer:oslo]' }),
      { role: 'viewer', reads: ['oslo'], sends: [] },
    ],
    [
      'who may look at all stores sends to none',
      claims({ 'cognito:groups': '[viewer:*]' }),
      { role: 'viewer', reads: undefined, sends: [] },
    ],
  ])('%s', (_, authorizer, expected) => {
    expect(identify(authorizer)).toEqual(expected);
  });

  test.each([
    ['no claims', {}],
    ['no authorizer', undefined],
    ['other groups', claims({ 'cognito:groups': '[staff operators2 Operators store: viewer: store:a/b]' })],
    ['the name of a group as a store', claims({ stores: 'store:oslo' })],
    ['the name of a group in another claim', claims({ groups: '[operators]', scope: 'operators' })],
  ])('with %s is refused', (_, authorizer) => {
    expect(() => identify(authorizer as object)).toThrow('names no store');
  });
});

describe('a route', () => {
  const TOKENS: Readonly<Record<Role, object>> = {
    operator: claims({ 'cognito:groups': '[operators]' }),
    sender: claims({ 'cognito:groups': '[store:oslo]' }),
    viewer: claims({ 'cognito:groups': '[viewer:oslo]' }),
  };
  const ALLOWED = {
    read: ['operator', 'sender', 'viewer'],
    send: ['operator', 'sender'],
    operate: ['operator'],
  };
  const cases = Object.entries(NEEDS).flatMap(([route, need]) =>
    Object.entries(TOKENS).map(([role, token]) => {
      const verb = ALLOWED[need].includes(role) ? 'allows' : 'refuses';
      return [route as RouteName, verb, role, token] as const;
    }),
  );

  test.each(cases)('%s %s a caller who is %s', async (route, verb, _, authorizer) => {
    const { status, body } = await request(route, { authorizer });
    const { type, detail } = body as { type?: string; detail?: string };
    expect([status === 403, detail]).toEqual([verb === 'refuses', detail]);
    if (status !== 403) return;
    expect(type).toBe('urn:retail:problem:forbidden');
    expect([...sqs.calls(), ...database.calls()]).toEqual([]);
  });

  test.each(Object.keys(NEEDS) as RouteName[])('%s refuses a token without a store', async (route) => {
    expect((await request(route, { authorizer: claims({}) })).status).toBe(403);
  });

  test.each(['sendTransactions', 'createUpload', 'createTicket', 'getReceipt'] as const)(
    '%s refuses a sender of another store',
    async (route) => {
      const authorizer = claims({ 'cognito:groups': '[store:bergen viewer:main]' });
      expect((await request(route, { authorizer })).status).toBe(403);
    },
  );

  test('to send refuses a sender of one store for another that the caller may look at', async () => {
    const authorizer = claims({ 'cognito:groups': '[store:bergen viewer:oslo]' });
    expect((await request('createUpload', { authorizer })).status).toBe(403);
    expect((await request('getReceipt', { authorizer })).status).toBe(404);
  });
});
