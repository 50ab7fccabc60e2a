import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { buildDecisionKey } from '../../../../lambdas/core/decision.ts';
import { parseObject } from '../../../../lambdas/parse/parse-object.ts';
import { mockParserResources } from '../../../support/parser-resources.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const { s3, resources, sentBatches } = mockParserResources();
const upload = uploadOf(buildDecisionKey('retract', new Date('2022-01-15T09:00:00Z'), '0123abcd'));
const DECISION = { version: 1, kind: 'retract', reason: 'Dropped by mistake.', by: 'ann' };
const file = { key: 'incoming/store=oslo/a.csv', versionId: 'v1' };

async function parse(body: string, ContentLength = body.length, closeAfterDays?: number) {
  s3.on(GetObjectCommand).callsFake(() => ({ Body: Readable.from([Buffer.from(body)]), ContentLength }));
  const { settings } = resources;
  const rules = { ...settings.rules, isKnownStore: false, ...(closeAfterDays && { closeAfterDays }) };
  const changed = { ...resources, settings: { ...settings, rules } };
  return parseObject({ upload }, changed, () => false);
}

test('the object of a decision is sent as a decision, whatever the stores that are known', async () => {
  expect(await parse(JSON.stringify({ ...DECISION, file }), undefined, 1)).toMatchObject({
    totals: { batches: 1, rowsRead: 0 },
  });
  expect(sentBatches()).toMatchObject([
    { upload: { storeId: 'oslo' }, decision: { kind: 'retract', ...file, closedUntil: '2022-01-13' } },
  ]);
});

test('an object that is not one, or too long, is refused', async () => {
  for (const result of [await parse('{}'), await parse(JSON.stringify({ ...DECISION, file }), 300_000)]) {
    expect(result).toMatchObject({ totals: { failure: { code: 'decision-invalid' } } });
  }
});

test('a decision that was deleted is refused', async () => {
  s3.on(GetObjectCommand).rejects(Object.assign(new Error('No.'), { name: 'NoSuchVersion' }));
  expect(await parseObject({ upload }, resources, () => false)).toMatchObject({
    totals: { failure: { code: 'object-deleted' } },
  });
});
