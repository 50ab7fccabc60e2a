import { describe, expect, test } from 'vitest';
import {
  type FileReceipt,
  hasProblems,
  summarizeReceipt,
  writeReceiptText,
} from '../../../../lambdas/core/file-receipt.ts';
import { buildReceiptKey } from '../../../../lambdas/core/upload-key.ts';

const RECEIPT: FileReceipt = {
  version: 1,
  id: 'f0f7a2f4-4b31-4a5e-8a8e-0d6f5a3e1c11',
  sequence: 1,
  status: 'complete',
  storeId: 'oslo',
  fileName: 'retail_14_03_2025.csv',
  key: 'incoming/store=oslo/retail_14_03_2025.csv',
  versionId: 'v1',
  fileId: '1a2b3c4d-0000-8000-8000-000000000000',
  uploadId: '5e6f7a8b-0000-8000-8000-000000000000',
  receivedAt: '2025-03-14T18:02:11.123Z',
  completedAt: '2025-03-14T18:02:20.456Z',
  rows: {
    read: 4_812,
    inserted: 4_809,
    duplicate: 0,
    conflicting: 0,
    rejected: 3,
    retracted: 0,
    replaced: 0,
  },
  days: { first: '2025-03-14', last: '2025-03-14' },
  rejects: {
    byCode: [
      { code: 'tax-mismatch', rows: 2 },
      { code: 'id-missing', rows: 1 },
    ],
    first: [
      { line: 12, column: 'amount', code: 'tax-mismatch', message: 'The amounts differ.', text: 'a;b' },
      { line: 1_013, column: '', code: 'id-missing', message: 'The id is empty.', text: ';c' },
    ],
  },
};

test('the text of a receipt says what arrived, and what to correct', () => {
  expect(writeReceiptText(RECEIPT)).toBe(
    `Your file arrived: retail_14_03_2025.csv, 4,812 rows, 3 to correct

File                      retail_14_03_2025.csv
Store                     oslo
Received                  2025-03-14 18:02:11 UTC
Finished                  2025-03-14 18:02:20 UTC
Days                      2025-03-14
Rows read                 4,812
  new                     4,809
  already known           0
  known, but different    0
  to correct              3

Rows to correct, by reason:
       2  tax-mismatch: The amount including tax is not the amount excluding tax plus a tax on the row. Correct one of them.
       1  id-missing: The id is empty. Give the row its UUID.

The first of them:
  line 12, amount: The amounts differ.
    a;b
  line 1,013: The id is empty.
    ;c
  … and 1 more

Receipt f0f7a2f4-4b31-4a5e-8a8e-0d6f5a3e1c11
`,
  );
});

test('a receipt says that a total in the file differs from its rows', () => {
  const totals = { line: 4_814, column: 'Betrag', written: '120.00', rows: '108.00' };
  const receipt = {
    ...RECEIPT,
    rows: { ...RECEIPT.rows, rejected: 0, inserted: 4_812 },
    rejects: undefined,
    totals,
  };
  const { rejects, ...fine } = receipt;
  expect(writeReceiptText(fine)).toMatch(
    /^Your file arrived: .*, 4,812 rows, its total differs\nThe total on line 4,814 of the file, Betrag, is 120\.00, and its rows add up to 108\.00\. /,
  );
  expect(hasProblems(fine)).toBe(true);
  const { totals: none, ...agreeing } = fine;
  expect(hasProblems(agreeing)).toBe(false);
});

test('a later receipt says how many rejected rows are still to be corrected', () => {
  const later = (open: number) => ({ ...RECEIPT, sequence: 2, rejects: { ...RECEIPT.rejects!, open } });
  const some = writeReceiptText(later(1));
  expect(some).toMatch(/^Your file changed: .* rows, 1 to correct$/m);
  expect(some).toContain('  rejected                3\n    still to correct      1\n');
  expect(some).toContain('All rejected rows, by reason:');
  const none = writeReceiptText(later(0));
  expect(none).toMatch(/^Your file changed: retail_14_03_2025\.csv, 4,812 rows$/m);
  expect(none).toContain('    still to correct      0\n');
  expect(none).not.toContain('by reason');
});

test('a refused file has the reason, and a later receipt says what it replaces', () => {
  const failure = { code: 'not-csv', message: 'The file is not a CSV file.' };
  const { rejects: _, days: __, ...others } = RECEIPT;
  const text = writeReceiptText({ ...others, status: 'failed', failure, sequence: 2, isRepeated: true });
  expect(text.split('\n').slice(0, 4)).toEqual([
    'Your file was refused: retail_14_03_2025.csv',
    'The file is not a CSV file. (not-csv)',
    'The file was read again and brought nothing new.',
    'This receipt replaces the earlier ones of the file.',
  ]);
  expect(text).not.toContain('by reason');
});

describe('a hostile name or value', () => {
  const hostile = 'a\r\nBcc: b@example.com\u001b[2J';

  test('adds no line to the text or the subject', () => {
    const { rejects, ...others } = RECEIPT;
    const [first] = rejects!.first;
    const receipt = {
      ...others,
      fileName: hostile,
      storeId: hostile,
      failure: { code: 'not-csv', message: hostile },
      rejects: { byCode: [], first: [{ ...first!, column: hostile, message: hostile, text: hostile }] },
    };
    expect(summarizeReceipt(receipt)).not.toMatch(/\p{Cc}/u);
    const text = writeReceiptText(receipt);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(text).not.toMatch(/^Bcc/m);
  });

  test('that is long does not make the subject long', () => {
    expect(summarizeReceipt({ ...RECEIPT, fileName: 'x'.repeat(900) }).length).toBeLessThan(150);
  });
});

describe('the key of a receipt', () => {
  const file = { storeId: 'oslo', fileName: 'a b.csv', fileId: RECEIPT.fileId };

  test('names the file, its id, and the number of a later receipt', () => {
    expect(buildReceiptKey(file, 1, 'json')).toBe('receipts/store=oslo/a b.csv-1a2b3c4d.json');
    expect(buildReceiptKey(file, 3, 'txt')).toBe('receipts/store=oslo/a b.csv-1a2b3c4d-3.txt');
  });

  test('fits into the limit of S3 for every name and store', () => {
    for (const character of ['x', '\u20ac', '\ud83d\ude00']) {
      const key = buildReceiptKey(
        { ...file, fileName: character.repeat(1_024), storeId: 'ø'.repeat(500) },
        99,
        'json',
      );
      expect(Buffer.byteLength(key)).toBeLessThan(1_024);
      expect(key).toMatch(/^receipts\/unknown-store\//);
      expect(key.isWellFormed()).toBe(true);
    }
  });
});
