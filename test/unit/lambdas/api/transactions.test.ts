import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { decodeCall } from '../../../../lambdas/shared/call-message.ts';
import { isReceipt } from '../../../../lambdas/shared/receipt.ts';
import {
  mockServices,
  objects,
  request,
  SECRET,
  type Sent,
  s3,
  secrets,
  sentMessages,
  serviceError,
  sqs,
  tokenFor,
  transaction,
} from './running-api.ts';

mockServices();

const send = (body: unknown, sent: Sent = {}) =>
  request('sendTransactions', { body: typeof body === 'string' ? body : JSON.stringify(body), ...sent });
const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('transactions', () => {
  test.each([
    ['an object', JSON.stringify(transaction(1)), 1, {}],
    ['an array', JSON.stringify([transaction(1), transaction(2)], null, 2), 2, {}],
    ['JSON lines', `${JSON.stringify(transaction(1))}\r\n\n${JSON.stringify(transaction(2))}\n`, 2, NDJSON],
    ['an array after a byte order mark', `\ufeff[${JSON.stringify(transaction(1))}]`, 1, {}],
  ])('%s is accepted, and the queue has it', async (_, body, items, headers) => {
    const { status, body: answer } = await send(body, { headers });
    expect([status, answer]).toEqual([202, { receipt: expect.any(String), accepted: items, refused: [] }]);
    const [message] = sentMessages();
    const call = decodeCall(message!);
    expect(call).toMatchObject({ storeId: 'oslo', receipt: answer.receipt });
    const sent = call.lines.map((line) => JSON.parse(line));
    expect(sent).toEqual([transaction(1), transaction(2)].slice(0, items));
    expect(isReceipt(SECRET, 'oslo', String(answer.receipt))).toBe(true);
  });

  test('a body that API Gateway encoded in Base64 is read', async () => {
    const body = Buffer.from(JSON.stringify(transaction(1, { description: 'Käse' }))).toString('base64');
    const { status } = await send(body, { isBase64Encoded: true, headers: NDJSON });
    expect([status, sentMessages()[0]]).toEqual([202, expect.stringContaining('Käse')]);
  });

  test('refused items are named with index, field and code, and sent to the ledger too', async () => {
    const items = [
      transaction(1),
      transaction(2, { category: 'GIFT', quantity: 0 }),
      7,
      transaction(3, { price: 1 }),
    ];
    const { status, body } = await send(items);
    expect([status, body.accepted]).toEqual([202, 1]);
    expect(body.refused).toMatchObject([
      {
        index: 1,
        field: 'category',
        code: 'category-unknown',
        message: expect.stringContaining('quantity: '),
      },
      { index: 2, field: '', code: 'json-not-object' },
      { index: 3, field: 'price', code: 'json-member-unknown' },
    ]);
    expect(decodeCall(sentMessages()[0]!).lines).toHaveLength(4);
  });

  test('a string is judged as a line, and sent as it was written', async () => {
    const lines = ['{"id": 1', '"text"', 'a\nb\u0000', JSON.stringify(transaction(1)), '', ' '];
    const { body } = await send(lines);
    const codes = (body.refused as { index: number; code: string }[]).map(({ index, code }) => [index, code]);
    expect(codes).toEqual([
      [0, 'json-malformed'],
      [1, 'json-not-object'],
      [2, 'json-malformed'],
      [4, 'json-not-object'],
      [5, 'json-not-object'],
    ]);
    const sent = ['{"id": 1', '"text"', 'a b\u2400', JSON.stringify(transaction(1)), '""', '" "'];
    expect(decodeCall(sentMessages()[0]!).lines).toEqual(sent);
  });

  test('a number keeps the digits that were sent', async () => {
    const body = JSON.stringify([transaction(1)]).replace('"10.00"', '10.000000000000000001');
    expect((await send(body)).body.refused).toMatchObject([{ code: 'amount-invalid' }]);
    expect(sentMessages()[0]).toContain('10.000000000000000001');
  });

  test('the same body has the same receipt, another body or store another one', async () => {
    const receipts = [
      await send([transaction(1)]),
      await send([transaction(1)]),
      await send([transaction(2)]),
      await send([transaction(1)], { path: { store: 'bergen' } }),
    ].map(({ body }) => body.receipt);
    expect(receipts[1]).toBe(receipts[0]);
    expect(new Set(receipts).size).toBe(3);
  });

  test('characters that SQS refuses are written in another way', async () => {
    const body = `${JSON.stringify(transaction(1, { description: 'a\ufffeb' }))}\nbroken \u0000\u001f line`;
    expect((await send(body, { headers: NDJSON })).body).toMatchObject({
      accepted: 1,
      refused: [{ index: 1, code: 'json-malformed' }],
    });
    expect(sentMessages()[0]).toMatch(/a\\ufffeb/);
    expect(sentMessages()[0]).toContain('broken \u2400\u241f line');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: SQS refuses them
    expect(sentMessages()[0]).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
  });
});

describe('a body that is not accepted', () => {
  test.each([
    ['no body', { body: '' }, 400, 'body-missing', 'Send a body'],
    ['broken JSON', { body: '[{' }, 400, 'json-malformed', 'cannot be parsed'],
    ['a number', { body: '7' }, 400, 'body-invalid', 'array of objects'],
    ['null', { body: 'null' }, 400, 'body-invalid', 'array of objects'],
    ['an empty array', { body: '[]' }, 400, 'body-invalid', 'at least one'],
    ['blank lines', { body: '\n \n', headers: NDJSON }, 400, 'body-invalid', 'at least one'],
    [
      'another type',
      { body: 'a', headers: { 'content-type': 'text/csv' } },
      415,
      'media-type-unsupported',
      'text/csv',
    ],
    [
      'another encoding',
      { body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } },
      415,
      'media-type-unsupported',
      'UTF-8',
    ],
    ['bytes that are not UTF-8', { body: '/w==', isBase64Encoded: true }, 400, 'body-not-utf8', 'UTF-8'],
    ['too many bytes', { body: `[${' '.repeat(1_000_000)}]` }, 413, 'content-too-large', '1000002 bytes'],
    ['too many items', { body: `[${'0,'.repeat(5_000)}0]` }, 413, 'content-too-large', '5001 transactions'],
    [
      'more than a message can have',
      { body: '\u0001'.repeat(900_000), headers: NDJSON },
      413,
      'content-too-large',
      '1 MiB',
    ],
    [
      'a bad key',
      { body: '{}', headers: { 'idempotency-key': 'é' } },
      400,
      'idempotency-key-invalid',
      'ASCII',
    ],
  ] as const)('%s', async (_, sent, status, code, detail) => {
    const answer = await request('sendTransactions', sent);
    expect(answer).toMatchObject({
      status,
      headers: { 'content-type': 'application/problem+json' },
      body: { type: `urn:retail:problem:${code}`, title: expect.any(String), status },
    });
    expect(answer.body.detail).toContain(detail);
    expect(sentMessages()).toEqual([]);
  });
});

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'till 7, receipt 12' };

  test('gives a repeated call the same receipt, and sends it again', async () => {
    const first = await send([transaction(1)], { headers });
    const second = await send([transaction(1)], { headers });
    expect([first.status, second]).toEqual([202, first]);
    expect(sentMessages()).toHaveLength(2);
    expect([...objects.keys()]).toEqual([expect.stringMatching(/^calls\/store=oslo\/[0-9a-f]{64}$/)]);
  });

  test('with another body is refused, and nothing is sent', async () => {
    await send([transaction(1)], { headers });
    expect(await send([transaction(2)], { headers })).toMatchObject({
      status: 422,
      body: { type: 'urn:retail:problem:idempotency-key-reused' },
    });
    expect(sentMessages()).toHaveLength(1);
  });

  test('is another one in another store, and with another key the receipt is another', async () => {
    const first = await send([transaction(1)], { headers });
    const elsewhere = await send([transaction(2)], { headers, path: { store: 'bergen' } });
    const other = await send([transaction(1)], { headers: { 'idempotency-key': 'other' } });
    expect([elsewhere.status, other.status]).toEqual([202, 202]);
    expect(new Set([first, elsewhere, other].map(({ body }) => body.receipt)).size).toBe(3);
  });
});

describe('a service that fails', () => {
  test.each([
    [
      'the queue is throttled',
      () => sqs.on(SendMessageCommand).rejects(serviceError('RequestThrottled', 403)),
    ],
    ['the queue is away', () => sqs.on(SendMessageCommand).rejects(serviceError('ServiceUnavailable', 503))],
    ['the bucket is away', () => s3.on(PutObjectCommand).rejects(serviceError('SlowDown', 503))],
    [
      'another call has the key',
      () => s3.on(PutObjectCommand).rejects(serviceError('ConditionalRequestConflict', 409)),
    ],
  ])('%s: the caller tries again', async (_, fail) => {
    fail();
    const { status, headers, body } = await send([transaction(1)], { headers: { 'idempotency-key': 'k' } });
    expect([status, headers['retry-after'], body.type]).toEqual([503, '5', 'urn:retail:problem:unavailable']);
    expect(JSON.stringify(body)).not.toMatch(/Throttled|SlowDown| at /);
  });

  test('a secret that could not be read is read again, and once only after that', async () => {
    const { ApiSecret } = await import('../../../../lambdas/shared/api-secret.ts');
    const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    const secret = new ApiSecret(new SecretsManagerClient(), 'arn');
    secrets
      .on(GetSecretValueCommand)
      .rejectsOnce(serviceError('InternalServiceError', 500))
      .resolves({ SecretString: JSON.stringify({ password: SECRET }) });
    await expect(secret.read()).rejects.toThrow();
    expect([await secret.read(), await secret.read()]).toEqual([SECRET, SECRET]);
    expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(2);
  });
});

describe('a store of the path', () => {
  test.each([
    ['the token allows it', 'oslo', tokenFor('[bergen oslo]'), 202],
    ['the token allows every store', 'oslo', tokenFor('*'), 202],
    ['the token allows another one', 'oslo', tokenFor('bergen'), 403],
    ['the token has no claim', 'oslo', { jwt: { claims: {} } }, 403],
    ['the caller is unknown', 'oslo', {}, 403],
    ['the name is not allowed', '../oslo', { iam: {} }, 404],
    ['no setting has the store', 'osol', { iam: {} }, 403],
  ])('%s', async (_, store, authorizer, status) => {
    expect((await send([transaction(1)], { path: { store }, authorizer })).status).toBe(status);
  });

  test.each([
    '/stores/%6Fslo/transactions',
    '/stores/oslo/transactions/',
    '/stores/bergen/../oslo/transactions',
  ])('a path that is written in another way is refused: %s', async (rawPath) => {
    expect((await send([transaction(1)], { rawPath })).status).toBe(404);
  });
});
