import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { describe, expect, test } from 'vitest';
import { QUERY_PARAMETERS } from '../../../../lambdas/api/parameters.ts';
import { API_ROUTES, type RouteName } from '../../../../lambdas/shared/api-routes.ts';
import {
  answerInOrder,
  database,
  ledgerHas,
  mockServices,
  request,
  serviceError,
  tokenFor,
} from './running-api.ts';

mockServices();

const ID = '0284f92e-54f7-4766-880d-2cc5a8993a89';
const statements = () => database.commandCalls(ExecuteStatementCommand).map(({ args }) => args[0].input);
const parametersOf = (statement = statements()[0]!) =>
  Object.fromEntries(statement.parameters!.map(({ name, value }) => [name, value!.stringValue]));
const STORED = {
  uploadId: ID,
  fileId: ID,
  store: 'oslo',
  key: 'incoming/store=oslo/a.csv',
  versionId: 'v',
  status: 'complete',
  rows: {
    read: 3,
    inserted: 1,
    duplicate: 1,
    conflicting: 0,
    rejected: 1,
    retracted: 0,
    replaced: 0,
    open: 1,
  },
  failure: null,
  firstDay: '2025-01-15',
  lastDay: null,
  receivedAt: 1_737_000_000_123_456,
  movedAt: '2025-01-16T04:00:01.000Z',
  completedAt: null,
};
const DETAILS = {
  header: 'id',
  format: { delimiter: ';' },
  parserRevision: 'r',
  corrects: [],
  correctedBy: [ID],
  decisions: [],
};
/** Parameters without which a route answers 400. */
const NEEDED: Partial<Record<RouteName, Readonly<Record<string, string>>>> = {
  getBalance: { product: 'Tea' },
  listTransactions: { day: '2025-01-15' },
};
const READS = Object.keys(QUERY_PARAMETERS) as RouteName[];
const OF_STORES = READS.filter((route) => 'store' in QUERY_PARAMETERS[route]!);

describe('every route that reads the ledger', () => {
  const ask = (route: RouteName, query = {}, sent = {}) =>
    request(route, { path: { id: ID }, query: { ...NEEDED[route], ...query }, ...sent });

  test.each(OF_STORES)('%s refuses a store of which the caller may not read', async (route) => {
    const { status, body } = await ask(route, { store: 'bergen' }, { authorizer: tokenFor('oslo') });
    expect([status, body.type, statements()]).toEqual([403, 'urn:retail:problem:forbidden', []]);
  });

  test.each(OF_STORES)('%s reads all stores of the caller, or the one that is asked for', async (route) => {
    await ask(route, {}, { authorizer: tokenFor('[oslo bergen]') });
    await ask(route, { store: 'oslo' }, { authorizer: tokenFor('[oslo bergen]') });
    const stores = statements().map((statement) => parametersOf(statement).stores);
    expect(new Set(stores.map((names) => names?.split(',').sort().join()))).toEqual(
      new Set(['bergen,oslo', 'oslo']),
    );
  });

  test.each(READS)('%s refuses a parameter that it does not have', async (route) => {
    const { status, body } = await ask(route, { stores: 'oslo' });
    expect([status, body.type]).toEqual([400, 'urn:retail:problem:parameter-invalid']);
    expect(body.detail).toContain(Object.keys(QUERY_PARAMETERS[route]!).join(', '));
  });

  test.each(
    READS.flatMap((route) => Object.keys(QUERY_PARAMETERS[route]!).map((name) => [route, name] as const)),
  )('%s with a wrong %s says what to send', async (route, name) => {
    for (const value of ['', '\0', '\ud800', 'x'.repeat(501)]) {
      const { status, body } = await ask(route, { [name]: value });
      expect([status, body.type, body.detail]).toEqual([
        400,
        'urn:retail:problem:parameter-invalid',
        expect.stringMatching(`"${name}"`),
      ]);
    }
  });

  test.each(READS)('%s of a database that is resuming passes', async (route) => {
    database.on(ExecuteStatementCommand).rejects(serviceError('DatabaseResumingException', 400));
    const { status, headers } = await ask(route);
    expect([status, headers['retry-after']]).toEqual([503, '15']);
  });
});

test.each([
  serviceError('TimeoutError', 0),
  serviceError('StatementTimeoutException', 400),
  new Error('ERROR: canceling statement due to statement timeout; SQLState: 57014'),
])('a statement that takes too long (%s) is not called a database that resumes', async (error) => {
  database.on(ExecuteStatementCommand).rejects(error);
  const { status, headers, body } = await request('getSold', { query: { until: '2025-01-01' } });
  expect([status, headers['retry-after']]).toEqual([503, '15']);
  expect(body.detail).toContain('Ask for fewer days');
});

test.each([
  ['listUploads', { before: 'yesterday' }],
  ['listUploads', { before: `99999999999999999_${ID}` }],
  ['listUploads', { store: 'oslo,bergen' }],
  ['listUploads', { status: 'lost' }],
  ['listUploads', { day: '2025-02-29' }],
  ['listUploads', { day: '0000-01-01' }],
  ['listRejects', { after: '-1' }],
  ['listRejects', { after: '2147483648' }],
  ['listRejects', { limit: '0' }],
  ['listRejects', { limit: '1001' }],
  ['getSold', { since: '2025-01-02', until: '2025-01-01' }],
  ['getSold', { since: '2024-01-01', until: '2025-01-01' }],
  ['getTopProducts', { until: '2025-01-01', limit: '101' }],
  ['getBalance', {}],
  ['listTransactions', { since: '2025-01-01' }],
  ['listTransactions', { upload: 'x' }],
  ['listTransactions', { day: '2025-01-01', category: 'sell' }],
] as const)('%s refuses %j', async (route, query) => {
  const { status, body } = await request(route, { query, path: { id: ID } });
  expect([status, body.type, statements()]).toEqual([400, 'urn:retail:problem:parameter-invalid', []]);
});

describe('uploads', () => {
  test('are listed with times in UTC, and the next page by a position', async () => {
    ledgerHas(...Array.from({ length: 100 }, () => STORED));
    const { status, body } = await request('listUploads');
    expect([status, body.next]).toEqual([200, `1737000000123456_${ID}`]);
    expect((body.uploads as object[])[0]).toMatchObject({ receivedAt: '2025-01-16T04:00:00.123Z' });
    await request('listUploads', { query: { before: String(body.next), store: 'bergen' } });
    expect(parametersOf(statements()[1])).toEqual({ stores: 'bergen', moment: '1737000000123456', id: ID });
  });

  test('one is found by its id, in the stores of the caller', async () => {
    ledgerHas({ ...STORED, ...DETAILS });
    const { status, body } = await request('getUpload', {
      path: { id: ID.toUpperCase() },
      authorizer: tokenFor('oslo'),
    });
    expect([status, parametersOf()]).toEqual([200, { id: ID, stores: 'oslo' }]);
    expect(body).toMatchObject({ ...DETAILS, receivedAt: '2025-01-16T04:00:00.123Z' });
  });

  test.each(['getUpload', 'listRejects', 'countRejects', 'listConflicts'] as const)(
    '%s of an unknown upload is not found',
    async (route) => {
      expect((await request(route, { path: { id: ID } })).status).toBe(404);
      expect((await request(route, { path: { id: 'x' } })).status).toBe(404);
      expect(statements()).toHaveLength(1);
    },
  );

  test('rejected rows are listed by line, the next page after the last line', async () => {
    const reject = { field: '', code: 'quotes-malformed', message: 'm', text: 't', isCut: false };
    const state = { state: 'open', correctedBy: null, firstFile: ID, firstLine: 7 };
    const rows = [8, 9].map((line) => ({ line, ...reject, ...state, isLast: line === 9 }));
    answerInOrder([{ uploadId: ID }], rows.slice(0, 1), [{ uploadId: ID }], rows);
    const ask = () => request('listRejects', { path: { id: ID }, query: { after: '7', state: 'open' } });
    expect((await ask()).body).toEqual({ rejects: [{ line: 8, ...reject, ...state }], next: 8 });
    expect(parametersOf(statements()[1])).toEqual({ id: ID, after: '7', state: 'open' });
    expect((await ask()).body).not.toHaveProperty('next');
  });
});

describe('an answer that the caller has already', () => {
  test('is not sent again', async () => {
    ledgerHas(STORED);
    const first = await request('listUploads');
    const { etag = '' } = first.headers;
    expect(first.headers['cache-control']).toBe('private, no-cache');
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await request('listUploads', { headers: { 'if-none-match': tags } });
      expect([again.status, again.headers.etag, again.body]).toEqual([304, etag, {}]);
    }
    ledgerHas({ ...STORED, status: 'failed' });
    expect((await request('listUploads', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('is only one to a GET', async () => {
    expect((await request('createTicket')).headers).not.toHaveProperty('etag');
    expect((await request('unknown')).headers).not.toHaveProperty('etag');
    expect(Object.values(API_ROUTES).filter((route) => route.startsWith('GET '))).not.toEqual([]);
  });
});
