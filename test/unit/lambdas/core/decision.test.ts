import { describe, expect, test } from 'vitest';
import { buildDecisionKey, parseDecision } from '../../../../lambdas/core/decision.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const TIME = '2026-03-10T09:00:00.000Z';
const DECISION = {
  version: 1,
  kind: 'restate',
  file: { key: 'incoming/store=oslo/a.csv', versionId: 'v1' },
  lines: [5, 2],
  reason: 'Wrong prices.',
  by: 'arn:aws:iam::123456789012:user/ann',
};

function parse(
  changes: object = {},
  {
    key = buildDecisionKey('restate', new Date(TIME), '0123abcd'),
    closeAfterDays,
  }: { key?: string; closeAfterDays?: number } = {},
) {
  const upload = { ...uploadOf(key), receivedAt: TIME };
  return parseDecision(upload, JSON.stringify({ ...DECISION, ...changes }), closeAfterDays);
}

test('a decision is one batch without rows, of the store of its file', () => {
  expect(parse()).toMatchObject({
    batch: {
      upload: { storeId: 'oslo' },
      batch: 1,
      rowCount: 0,
      decision: {
        kind: 'restate',
        key: 'incoming/store=oslo/a.csv',
        versionId: 'v1',
        lines: [5, 2],
        isForced: false,
        closedUntil: undefined,
        decidedAt: TIME,
      },
      closing: { batches: 1, rowsRead: 0 },
    },
  });
});

test.each([
  [0, '2026-03-09'],
  [30, '2026-02-07'],
])('with days that are closed after %i days, those until %s are closed', (closeAfterDays, closedUntil) => {
  expect(parse({}, { closeAfterDays })).toMatchObject({ batch: { decision: { closedUntil } } });
});

describe('an object is not a decision', () => {
  const long = Array.from({ length: 10_001 }, (_, index) => index + 1);
  test.each([
    ['of another version', { version: 2 }, '"version" is not 1'],
    ['with an unknown member', { note: 'x' }, 'the unknown member "note"'],
    ['of another kind than its key', { kind: 'waive' }, 'its kind is not "restate"'],
    ['about no object', { file: { key: '', versionId: 'v' } }, '"file.key"'],
    ['about an object elsewhere', { file: { key: 'rejected/a.csv', versionId: 'v' } }, '"file.key"'],
    ['about a decision', { file: { key: 'incoming/decisions/a.json', versionId: 'v' } }, '"file.key"'],
    ['about no version', { file: { key: 'incoming/a.csv' } }, '"file.versionId"'],
    ['without a reason', { reason: ' ' }, '"reason"'],
    ['with a NUL in its reason', { reason: 'a\0' }, '"reason"'],
    ['of nobody', { by: undefined }, '"by"'],
    ['with half a force', { force: 'yes' }, '"force"'],
    ['about no line', { lines: [] }, '"lines"'],
    ['about line 0', { lines: [0] }, '"lines"'],
    ['about too many lines', { lines: long }, '"lines"'],
  ])('%s', (_, changes, fault) => {
    expect(parse(changes)).toMatchObject({
      failure: { code: 'decision-invalid', message: expect.stringContaining(fault) },
    });
  });

  test.each([
    ['a key of another form', 'incoming/decisions/today.json', 'its key is not'],
    [
      'a month that does not exist',
      'incoming/decisions/2026-13-10T09:00:00.000Z-restate-0123abcd.json',
      'its key is not',
    ],
    [
      'a time to come',
      buildDecisionKey('restate', new Date('2026-03-10T11:00:00Z'), '0123abcd'),
      'in the future',
    ],
  ])('with %s', (_, key, fault) => {
    expect(parse({}, { key })).toMatchObject({ failure: { message: expect.stringContaining(fault) } });
  });

  test('if it retracts only some lines, or is not JSON', () => {
    const key = buildDecisionKey('retract', new Date(TIME), '0123abcd');
    expect(parse({ kind: 'retract' }, { key })).toMatchObject({
      failure: { message: expect.stringContaining('as a whole') },
    });
    expect(parseDecision({ ...uploadOf(key), receivedAt: TIME }, '{', undefined)).toHaveProperty('failure');
  });
});
