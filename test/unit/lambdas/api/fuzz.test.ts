import fc from 'fast-check';
import { expect, test } from 'vitest';
import { API_ROUTES, type RouteName } from '../../../../lambdas/shared/api-routes.ts';
import { mockServices, request, sendFrame, transaction } from './running-api.ts';

mockServices();

const text = fc.string({ unit: 'binary', maxLength: 40 });
const json = fc.oneof(
  fc.json({ maxDepth: 3, stringUnit: 'binary' }),
  fc
    .array(fc.record({ id: text, quantity: fc.double() }, { requiredKeys: [] }))
    .map((items) => JSON.stringify(items)),
  fc.constant(JSON.stringify([transaction(1)])),
  text,
);
const type = fc.constantFrom(
  'application/json',
  'application/x-ndjson',
  'text/csv',
  'application/json;charset=utf-8',
);
const routes = Object.keys(API_ROUTES) as RouteName[];

test('any request has an answer of the API: below 500, and problems without a stack trace', async () => {
  const headers = fc.record(
    { 'content-type': fc.oneof(type, text), 'idempotency-key': text },
    { requiredKeys: [] },
  );
  const sent = fc.record(
    {
      body: json,
      headers,
      isBase64Encoded: fc.boolean(),
      query: fc.dictionary(fc.constantFrom('store', 'before', 'after', 'x'), text),
      path: fc.dictionary(fc.constantFrom('store', 'receipt', 'id'), fc.oneof(fc.constant('oslo'), text)),
      authorizer: fc.constantFrom({ iam: {} }, {}, { jwt: { claims: { stores: '[oslo]' } } }),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...routes), sent, async (route, event) => {
      const { status, headers: answered, body } = await request(route, event);
      expect(status).toBeLessThan(500);
      if (status < 400) return;
      expect(answered['content-type']).toBe('application/problem+json');
      expect(body).toMatchObject({ type: expect.any(String), status, detail: expect.any(String) });
      expect(String(body.detail)).not.toMatch(/\n\s+at /);
    }),
    { numRuns: 500 },
  );
});

test('any message has an answer', async () => {
  const frames = fc.oneof(
    json,
    fc
      .record(
        { action: fc.constantFrom('transactions', 'ping', 'x'), id: text, items: fc.jsonValue() },
        { requiredKeys: [] },
      )
      .map((frame) => JSON.stringify(frame)),
  );
  await fc.assert(
    fc.asyncProperty(frames, async (frame) => {
      const { status, body } = await sendFrame(frame);
      expect(status).toBe(200);
      if (!('error' in body)) expect(body.action === 'pong' || typeof body.receipt === 'string').toBe(true);
    }),
    { numRuns: 500 },
  );
});
