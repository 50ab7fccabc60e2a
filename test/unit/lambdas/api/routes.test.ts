import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import document from '../../../../docs/openapi.json' with { type: 'json' };
import { computeReceipt } from '../../../../lambdas/shared/receipt.ts';
import { readTicket } from '../../../../lambdas/shared/ticket.ts';
import { database, ledgerHas, mockServices, request, SECRET, sqs } from './running-api.ts';

mockServices();

const ID = '0284f92e-54f7-4766-880d-2cc5a8993a89';
const statements = () => database.commandCalls(ExecuteStatementCommand).map(({ args }) => args[0].input);
const parametersOf = (statement = statements()[0]!) =>
  Object.fromEntries(statement.parameters!.map(({ name, value }) => [name, value!.stringValue]));
describe('an upload', () => {
  const file = { fileName: 'retail_15_01_2022.csv', size: 1_234 };
  const ask = (body: unknown, store = 'oslo') =>
    request('createUpload', { body: JSON.stringify(body), path: { store } });

  test('gets a form for exactly its key and size, for 15 minutes', async () => {
    const { status, body } = await ask(file);
    const fields = body.fields as Record<string, string>;
    const key = 'incoming/store=oslo/retail_15_01_2022.csv';
    expect([status, body.url, fields.key]).toEqual([201, 'https://bucket.s3.eu-west-1.amazonaws.com/', key]);
    const policy = JSON.parse(Buffer.from(fields.policy!, 'base64').toString());
    expect(policy.conditions).toEqual(
      expect.arrayContaining([{ bucket: 'bucket' }, { key }, ['content-length-range', 1_234, 1_234]]),
    );
    expect(policy.expiration).toBe(body.expiresAt);
    expect(Date.parse(policy.expiration) - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    // Each field has a condition, or S3 refuses the form.
    const named = policy.conditions.flatMap((condition: object) => Object.keys(condition));
    for (const name of Object.keys(fields)) {
      if (!['policy', 'x-amz-signature'].includes(name)) expect(named).toContain(name);
    }
  });

  test.each([
    ['a folder', { ...file, fileName: 'api/x.csv' }],
    ['a parent folder', { ...file, fileName: '..' }],
    ['a control character', { ...file, fileName: 'a\u0000.csv' }],
    ['a name that S3 would replace', { ...file, fileName: `a${'$'}{filename}.csv` }],
    ['an empty name', { ...file, fileName: '' }],
    ['a name that is too long for a key', { ...file, fileName: '\u{20000}'.repeat(100) }, 201],
    ['an empty file', { ...file, size: 0 }],
    ['half a byte', { ...file, size: 1.5 }],
    ['no size', { fileName: 'a.csv' }],
    ['another member', { ...file, store: 'bergen' }],
    ['a list', []],
  ])('with %s is checked', async (_, body, status = 400) => {
    const answer = await ask(body);
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body.type).toBe('urn:retail:problem:body-invalid');
  });
});

test('a ticket opens a connection for the store, within a minute', async () => {
  const { status, body } = await request('createTicket');
  expect([status, body.url]).toEqual([201, 'wss://example.com/live']);
  expect(readTicket(SECRET, String(body.ticket))).toMatchObject({ store: 'oslo' });
  expect(Date.parse(String(body.expiresAt)) - Date.now()).toBeLessThanOrEqual(60_000);
});

describe('a receipt', () => {
  const receipt = computeReceipt(SECRET, 'oslo', { kind: 'content', text: 'a' });
  const ask = (path: object = {}) => request('getReceipt', { path: { receipt, ...path } });

  test('that the ledger does not have is waiting', async () => {
    database.on(ExecuteStatementCommand).resolves({ records: [[{ isNull: true }]] });
    expect(await ask()).toMatchObject({ status: 200, body: { receipt, status: 'waiting' } });
    expect(parametersOf()).toEqual({ receipt, store: 'oslo' });
  });

  const stored = { uploadId: ID, status: 'complete', items: 3, receivedAt: '2026-01-02T03:04:05.678Z' };

  test('that the ledger has is answered with its result', async () => {
    const counts = { inserted: 2, duplicate: 0, conflicting: 0, rejected: 1, retracted: 0, replaced: 0 };
    const reject = { index: 2, code: 'id-missing', message: 'The id is empty.' };
    ledgerHas({ ...stored, ...counts, rejects: [{ ...reject, column: 'id' }] });
    const { body } = await ask();
    expect(body).toEqual({ receipt, ...stored, ...counts, rejects: [{ ...reject, field: 'id' }] });
  });

  test('of an upload that failed has the reason', async () => {
    ledgerHas({ ...stored, status: 'failed', failureCode: 'file-empty', failureMessage: 'It is empty.' });
    expect((await ask()).body).toMatchObject({ failure: { code: 'file-empty', message: 'It is empty.' } });
  });

  test.each([
    ['an invented one', { receipt: ID }],
    ['one of another store', { store: 'bergen' }],
    ['not a UUID', { receipt: 'x' }],
  ])('%s is not found, and the database is not asked', async (_, path) => {
    expect((await ask(path)).status).toBe(404);
    expect(statements()).toEqual([]);
  });
});

test('the status is read from the queues, and not from the database', async () => {
  const { status, body } = await request('getStatus');
  const counts = { waiting: 3, inProgress: 1, deadLetters: 4 };
  expect([status, body]).toEqual([200, { calls: counts, uploads: counts, rows: counts }]);
  const asked = sqs.commandCalls(GetQueueAttributesCommand).map(({ args }) => args[0].input.QueueUrl);
  expect(asked.sort()).toEqual(['calls', 'calls-dead', 'rows', 'rows-dead', 'uploads', 'uploads-dead']);
  expect(statements()).toEqual([]);
});

test('the description of the API is served', async () => {
  expect(await request('getDocument')).toMatchObject({ status: 200, body: document });
});

test('an unknown route is not found', async () => {
  expect((await request('unknown')).status).toBe(404);
});
