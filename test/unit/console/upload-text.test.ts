import { expect, test } from 'vitest';
import { createFormat } from '../../../console/format.ts';
import { moveIndex } from '../../../console/move-index.ts';
import { nameRejectCode } from '../../../console/reject-names.ts';
import { writeResult } from '../../../console/result-text.ts';
import { describeSource, describeStatus, nameFile } from '../../../console/upload-status.ts';
import type { UploadAnswer } from '../../../lambdas/core/api-answers.ts';

const rows = {
  read: 10,
  inserted: 7,
  duplicate: 0,
  conflicting: 0,
  rejected: 3,
  retracted: 0,
  replaced: 0,
  open: 2,
};
const format = createFormat('en');

test('open rows are what matters about a complete file', () => {
  const stateOf = (upload: Parameters<typeof describeStatus>[0]) => describeStatus(upload, String).label;
  expect(stateOf({ status: 'complete', rows })).toBe('2 to correct');
  expect(stateOf({ status: 'complete', rows: { ...rows, open: 0 } })).toBe('All settled');
  expect(stateOf({ status: 'complete', rows: { ...rows, rejected: 0, open: 0 } })).toBe('Complete');
  expect(stateOf({ status: 'complete', rows: { ...rows, open: 0, retracted: 10 } })).toBe('Taken out');
  expect(stateOf({ status: 'failed', rows })).toBe('Refused');
});

test('a key gives the name of the file, and where it comes from', () => {
  expect(nameFile('incoming/store=main/retail_15_03_2025.csv')).toBe('retail_15_03_2025.csv');
  expect(describeSource('incoming/store=main/api/2025-03-15/120000-ab.ndjson')).toBe('from the tills');
  expect(describeSource('incoming/store=main/unpacked/all.zip-0011aabb/a.csv')).toBe('from all.zip');
  expect(describeSource('incoming/store=main/a.csv')).toBeUndefined();
});

test('the result as text has each count once, and no value adds a line', () => {
  const upload = {
    uploadId: '0284f92e-54f7-4766-880d-2cc5a8993a89',
    key: 'incoming/store=main/evil\nRows in the file  999.csv',
    store: 'main',
    status: 'complete',
    rows,
    failure: null,
    firstDay: '2025-03-14',
    lastDay: '2025-03-15',
    receivedAt: '2025-03-15T12:00:00Z',
    completedAt: null,
    format: { delimiter: ';' },
  } as unknown as UploadAnswer;
  const text = writeResult(upload, [{ code: 'date-invalid', field: 'date', rows: 3, open: 2 }], format);
  expect(text).toContain('To correct              3\n');
  expect(text).toContain('Days                    Mar 14, 2025 to Mar 15, 2025\n');
  expect(text).toContain('       3  date: Date does not exist or has an unknown format (2 open)\n');
  expect(text.match(/^Rows in the file/gm)).toHaveLength(1);
});

test('a code of another release is its own name', () => {
  expect(nameRejectCode('date-missing')).toBe('Date is missing');
  expect(nameRejectCode('toString')).toBe('toString');
});

test('keys move through the points of a chart, from the newest one', () => {
  expect(moveIndex(undefined, -1, 5)).toBe(4);
  expect(moveIndex(undefined, Number.NEGATIVE_INFINITY, 5)).toBe(0);
  expect([moveIndex(4, 1, 5), moveIndex(0, -1, 5), moveIndex(3, -7, 5)]).toEqual([4, 0, 0]);
});
