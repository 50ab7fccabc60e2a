import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RowBatch, Upload } from '../../../../lambdas/core/row-batch.ts';
import { encodeBatch, RowBatcher } from '../../../../lambdas/core/row-batcher.ts';
import type { Row } from '../../../../lambdas/core/row-rules.ts';

const UPLOAD: Upload = {
  uploadId: '00000000-0000-8000-8000-000000000000',
  bucket: 'bucket',
  key: 'incoming/store=main/ünïcode 🍵.csv',
  versionId: 'version',
  storeId: 'main',
  revision: 'r1',
  receivedAt: '2024-01-01T00:00:00.000Z',
};
const MAX_BYTES = 4_000;

const row = fc.record<Row>({
  id: fc.uuid(),
  transactionDate: fc.constant('2024-01-31'),
  category: fc.constantFrom('SELL', 'BUY'),
  name: fc
    .oneof(
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 40 })
        .filter((text) => text.trim() === text && !text.includes('\0')),
      fc.constantFrom('NULL', 'null', '{}', '"', '\\', 'a,b', 'a\nb', '🍵', 'Crème', "O'Neil", 'two  blanks'),
    )
    .filter((text) => text !== ''),
  quantity: fc.nat().map(String),
  amountExclTax: fc.constantFrom('1', '1.5', '9999999999.99'),
  amountIncTax: fc.constantFrom('1', '1.5', '9999999999.99'),
});

function batchesOf(rows: readonly Row[], date: string | undefined): RowBatch[] {
  const batcher = new RowBatcher(UPLOAD, { date, header: 'id,ünïcode' }, MAX_BYTES);
  const batches: RowBatch[] = [];
  rows.forEach((value, index) => {
    batcher.addRow(index + 2, value);
    if (index % 5 === 0) {
      batcher.addReject({
        line: 1_000 + index,
        column: 'x',
        code: 'id-missing',
        message: 'é',
        text: value.name,
      });
    }
    batches.push(...batcher.takeFull());
  });
  return [...batches, batcher.close({ rowsRead: rows.length })];
}

/** Reads the text of a PostgreSQL array (PostgreSQL manual, 8.15.6). */
function elementsOf(array: string): (string | null)[] {
  const elements = [...array.slice(1, -1).matchAll(/"((?:[^"\\]|\\[\s\S])*)"|([^,"]+)/g)];
  return elements.map(([, quoted, plain]) => {
    if (quoted !== undefined) return quoted.replace(/\\([\s\S])/g, '$1');
    return plain!.toUpperCase() === 'NULL' ? null : plain!;
  });
}

test('no batch is larger than the limit, and all are ASCII', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 120 }), fc.constantFrom(undefined, '2024-01-31'), (rows, date) => {
      for (const batch of batchesOf(rows, date)) {
        const text = encodeBatch(batch);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_BYTES);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
      }
    }),
  );
});

test('batches joined give the rows and the rejects back, in their order', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 120 }), fc.constantFrom(undefined, '2024-01-31'), (rows, date) => {
      const batches = batchesOf(rows, date).map((batch) => JSON.parse(encodeBatch(batch)) as RowBatch);
      const joined = (column: keyof RowBatch['rows']) =>
        batches.flatMap(({ rows: columns }) => elementsOf(columns[column]!));
      expect(joined('ids')).toEqual(rows.map(({ id }) => id));
      expect(joined('names')).toEqual(rows.map(({ name }) => name));
      expect(joined('quantities')).toEqual(rows.map(({ quantity }) => quantity));
      expect(joined('lines')).toEqual(rows.map((_, index) => String(index + 2)));
      if (date === undefined) expect(joined('dates')).toEqual(rows.map(() => '2024-01-31'));
      expect(batches.map(({ batch }) => batch)).toEqual(batches.map((_, index) => index + 1));
      expect(batches.flatMap(({ rejects }) => rejects).length).toBe(Math.ceil(rows.length / 5));
      expect(batches.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(rows.length);
    }),
  );
});

test('the same rows give the same batches', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
      expect(batchesOf(rows, undefined).map(encodeBatch)).toEqual(
        batchesOf(rows, undefined).map(encodeBatch),
      );
    }),
  );
});

test('batches are filled to within a row of the limit', () => {
  const plain: Row = {
    id: '00000000-0000-4000-8000-000000000001',
    transactionDate: undefined,
    category: 'SELL',
    name: 'Soap',
    quantity: '1',
    amountExclTax: '1.00',
    amountIncTax: '1.20',
  };
  const batches = batchesOf(
    Array.from({ length: 200 }, () => plain).map((value) => ({ ...value })),
    '2024-01-31',
  );
  for (const batch of batches.slice(0, -1))
    expect(encodeBatch(batch).length).toBeGreaterThan(MAX_BYTES - 700);
  expect(batches.at(-1)!.closing).toEqual({ batches: batches.length, rowsRead: 200 });
});

test('a NUL of a rejected row is shown by the sign for it, which PostgreSQL can store', () => {
  const batcher = new RowBatcher(UPLOAD, {}, MAX_BYTES);
  batcher.addReject({ line: 2, column: '', code: 'name-invalid', message: '', text: 'a\0b' });
  expect(batcher.close({ rowsRead: 1 }).rejects[0]!.text).toBe('a␀b');
});

test('rows that were cut loose from their text are in the same batches', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), fc.nat(20), (rows, every) => {
      const fill = (isDetached: boolean) => {
        const batcher = new RowBatcher(UPLOAD, { date: '2024-01-31' }, MAX_BYTES);
        rows.forEach((value, index) => {
          batcher.addRow(index + 2, value);
          if (isDetached && index % (every + 1) === 0) batcher.detach();
        });
        return [...batcher.takeFull(), batcher.close({ rowsRead: rows.length })].map(encodeBatch);
      };
      expect(fill(true)).toEqual(fill(false));
    }),
  );
});
