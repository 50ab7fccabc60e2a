import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { describe, expect, test } from 'vitest';
import type { HttpEvent } from '../../../../lambdas/api/callers.ts';
import { getSession } from '../../../../lambdas/api/session.ts';
import { answerInOrder, database, mockServices, RULES, request, SETTINGS, tokenFor } from './running-api.ts';

mockServices();

const statements = () => database.commandCalls(ExecuteStatementCommand).map(({ args }) => args[0].input);
const parametersOf = (statement = statements()[0]!) =>
  Object.fromEntries(statement.parameters!.map(({ name, value }) => [name, value!.stringValue]));

describe('the days of stores', () => {
  const ARRIVED = {
    store: 'oslo',
    day: '2025-01-15',
    uploads: 2,
    loading: 0,
    failed: 0,
    rows: 7,
    rejected: 0,
    open: 0,
    firstArrival: '2025-01-15T20:00:00.000Z',
  };
  const askDay = async (arrived: object | undefined, deadline?: string) => {
    answerInOrder(arrived ? [{ ...ARRIVED, ...arrived }] : []);
    Object.assign(SETTINGS, {
      deadlines: deadline === undefined ? [] : [{ time: deadline, timeZone: 'UTC' }],
    });
    const query = { store: 'oslo', since: '2025-01-15', until: '2025-01-15' };
    const { body } = await request('listDays', { query });
    return (body.days as { state: string; expected: string | null }[])[0]!;
  };

  test.each([
    [undefined, undefined, 'none'],
    [undefined, '20:00', 'missing'],
    [{}, undefined, 'complete'],
    [{}, '20:00', 'complete'],
    [{}, '19:59', 'late'],
    [{ open: 1 }, '19:59', 'rejects'],
    [{ open: 1, failed: 1 }, '19:59', 'failed'],
  ])('%j with the deadline %s is %s', async (arrived, deadline, state) => {
    const expected = deadline === undefined ? null : `2025-01-15T${deadline}:00.000Z`;
    expect(await askDay(arrived, deadline)).toMatchObject({ state, expected });
  });

  test('nothing is missing before the deadline', async () => {
    Object.assign(SETTINGS, { deadlines: [{ stores: ['oslo'], time: '23:59', timeZone: 'UTC' }] });
    const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const { body } = await request('listDays', { query: { store: 'oslo', until, since: until } });
    expect(body.days).toMatchObject([{ state: 'none', expected: `${until}T23:59:00.000Z` }]);
  });

  test('begin and end in the time zone of the deadline', async () => {
    const deadline = { time: '22:00', timeZone: 'Europe/Oslo', closed: ['2025-01-16'] };
    Object.assign(SETTINGS, { deadlines: [deadline] });
    const query = { store: 'oslo', since: '2025-01-15', until: '2025-01-16' };
    const { body } = await request('listDays', { query });
    expect(parametersOf()).toMatchObject({ stores: 'oslo', zones: 'Europe/Oslo' });
    expect(body.days).toMatchObject([
      { state: 'missing', expected: '2025-01-15T21:00:00.000Z' },
      { state: 'none', expected: null },
    ]);
    await request('listUploads', { query: { store: 'oslo', day: '2025-01-15' } });
    expect(parametersOf(statements()[1])).toMatchObject({ day: '2025-01-15', zone: 'Europe/Oslo' });
  });

  test('include those of stores that only the ledger knows, if a file arrived, and for which nothing is due', async () => {
    const arrived = { ...ARRIVED, store: 'pop-up', firstArrival: '2025-01-15T23:00:00.000Z' };
    Object.assign(SETTINGS, { deadlines: [{ time: '22:00', timeZone: 'UTC' }] });
    const query = { since: '2025-01-15', until: '2025-01-16' };
    const statesAt = async (authorizer?: object) => {
      const { body } = await request('listDays', { query, ...(authorizer && { authorizer }) });
      return (body.days as { store: string; state: string }[]).map(({ store, state }) => `${store} ${state}`);
    };
    answerInOrder(['oslo', 'pop-up', 'typo'], [arrived]);
    expect(await statesAt()).toEqual([
      ...['bergen missing', 'bergen missing', 'oslo missing', 'oslo missing'],
      ...['pop-up complete', 'pop-up none'],
    ]);
    answerInOrder([]);
    expect(await statesAt(tokenFor('oslo'))).toEqual(['oslo missing', 'oslo missing']);
    expect(statements()).toHaveLength(3);
  });

  test('are complete pages of whole stores', async () => {
    const query = { since: '2024-01-01', until: '2024-12-31' };
    const stores = Array.from({ length: 20 }, (_, place) => `s${String(place).padStart(2, '0')}`);
    const authorizer = tokenFor(stores.join(' '));
    const first = await request('listDays', { query, authorizer });
    expect([(first.body.days as object[]).length, first.body.next]).toEqual([8 * 366, 's07']);
    const last = await request('listDays', { query: { ...query, after: 's15' }, authorizer });
    expect([(last.body.days as object[]).length, last.body.next]).toEqual([4 * 366, undefined]);
  });
});

describe('the session', () => {
  test.each([
    [{ iam: {} }, { role: 'operator', stores: ['bergen', 'oslo'], sends: ['bergen', 'oslo'] }],
    [tokenFor('oslo rome'), { role: 'sender', stores: ['oslo', 'rome'], sends: ['oslo'] }],
    [tokenFor('oslo'), { role: 'sender', stores: ['oslo'], sends: ['oslo'] }],
    [
      { jwt: { claims: { 'cognito:groups': '[viewer:*]' } } },
      { role: 'viewer', stores: ['bergen', 'oslo'], sends: [] },
    ],
  ])('of %j is %j', async (authorizer, expected) => {
    const { body } = await request('getSession', { authorizer });
    expect(body).toEqual({ stage: 'test', sendsOthers: false, ...expected });
    expect(statements()).toEqual([]);
  });

  test('of a caller of all stores names that others are accepted, and has those of a token that no setting names', () => {
    const { knownStores: _, ...accepting } = RULES;
    const sessionOf = (authorizer: object) =>
      getSession({ requestContext: { authorizer } } as HttpEvent, SETTINGS, accepting);
    expect(sessionOf({ iam: {} })).toMatchObject({ sends: ['bergen', 'oslo'], sendsOthers: true });
    expect(sessionOf(tokenFor('rome'))).toMatchObject({ sends: ['rome'], sendsOthers: false });
  });
});

test('the rules of a store are those that the parser has', async () => {
  const { status, body } = await request('getRules', { path: { store: 'bergen' } });
  expect([status, body]).toMatchObject([
    200,
    { rules: { unknownColumns: 'refuse', isKnownStore: true }, parserRevision: 'code-rules' },
  ]);
  expect((await request('getRules', { path: { store: 'rome' } })).status).toBe(403);
});
