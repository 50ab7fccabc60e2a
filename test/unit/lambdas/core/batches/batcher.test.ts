import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Batcher, type FileFacts } from '../../../../../lambdas/core/batches/batcher.ts';
import { INDEX } from '../../../../../lambdas/core/columns.ts';
import {
  encodeMessage,
  type FormatSummary,
  type RejectedRow,
  type RowBatch,
  type Upload,
} from '../../../../../lambdas/core/row-batch.ts';
import { valuesOf } from '../../../../support/upload-fixture.ts';

const UPLOAD: Upload = {
  uploadId: '00000000-0000-8000-8000-000000000000',
  fileId: '00000000-0000-8000-8000-000000000000',
  bucket: 'bucket',
  key: 'incoming/store=main/ünïcode 🍵.csv',
  versionId: 'version',
  storeId: 'main',
  revision: 'r1',
  receivedAt: '2024-01-01T00:00:00.000Z',
};
const MAX_BYTES = 4_000;
const DATE = '2024-01-31';

const name = fc.oneof(
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40, size: 'max' })
    .filter((text) => text.trim() === text && !text.includes('\0')),
  fc.constantFrom('NULL', 'null', '{}', '"', '\\', 'a,b', 'a\nb', '🍵', 'Crème', "O'Neil", 'two  blanks'),
);
const row = fc
  .record({
    id: fc.uuid(),
    transactionDate: fc.constant(DATE),
    category: fc.constantFrom('SELL', 'BUY'),
    name: name.filter((text) => text !== ''),
    quantity: fc.nat().map(String),
    amountExclTax: fc.constantFrom('1', '1.5', '9999999999.99'),
    amountIncTax: fc.constantFrom('1', '1.5', '9999999999.99'),
  })
  .map(valuesOf);
/** Enough rows for several batches: 40 rows have more than 4,000 bytes of ids, numbers and names. */
const manyRows = fc.array(row, { minLength: 40, maxLength: 120, size: 'max' });
const dates = fc.constantFrom(undefined, DATE);

function rejectOf(index: number, text: string): RejectedRow {
  return { line: 1_000 + index, column: 'x', code: 'id-missing', message: 'é', text };
}

/** Fills batches with rows, of which every fifth is followed by a rejected one. */
function fill(rows: readonly string[][], facts: FileFacts, maxBytes = MAX_BYTES): RowBatch[] {
  const batcher = new Batcher(UPLOAD, { header: 'id,ünïcode', ...facts }, maxBytes);
  const batches = rows.flatMap((values, index) => [
    batcher.addRow(index + 2, values),
    index % 5 === 0 ? batcher.addReject(rejectOf(index, values[INDEX.name]!)) : undefined,
  ]);
  const format = facts.format && { format: facts.format };
  return [
    ...batches.filter((batch) => batch !== undefined),
    batcher.close({ rowsRead: rows.length, ...format }),
  ];
}

/** Reads the text of a PostgreSQL array (PostgreSQL manual, 8.15.6). */
function elementsOf(array: string): (string | null)[] {
  const elements = [...array.slice(1, -1).matchAll(/"((?:[^"\\]|\\[\s\S])*)"|([^,"]+)/g)];
  return elements.map(([, quoted, plain]) => {
    if (quoted !== undefined) return quoted.replace(/\\([\s\S])/g, '$1');
    return plain!.toUpperCase() === 'NULL' ? null : plain!;
  });
}

describe('for many rows', () => {
  test('there are several batches, none larger than the limit, all in ASCII', () => {
    fc.assert(
      fc.property(manyRows, dates, (rows, date) => {
        const batches = fill(rows, { date });
        expect(batches.length).toBeGreaterThan(1);
        for (const batch of batches) {
          const text = encodeMessage(batch);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_BYTES);
          expect(text).toMatch(/^[\x20-\x7e]*$/);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('the batches together have the rows and the rejected rows in their order', () => {
    fc.assert(
      fc.property(manyRows, dates, (rows, date) => {
        const batches = fill(rows, { date }).map((batch) => JSON.parse(encodeMessage(batch)) as RowBatch);
        const joined = (column: keyof RowBatch['rows']) =>
          batches.flatMap(({ rows: columns }) => elementsOf(columns[column] ?? '{}'));
        const valuesOfField = (field: keyof typeof INDEX) => rows.map((values) => values[INDEX[field]]);
        expect(joined('lines')).toEqual(rows.map((_, index) => String(index + 2)));
        expect(joined('ids')).toEqual(valuesOfField('id'));
        expect(joined('dates')).toEqual(date === undefined ? valuesOfField('transactionDate') : []);
        expect(joined('categories')).toEqual(valuesOfField('category'));
        expect(joined('names')).toEqual(valuesOfField('name'));
        expect(joined('quantities')).toEqual(valuesOfField('quantity'));
        expect(joined('amountsExclTax')).toEqual(valuesOfField('amountExclTax'));
        expect(joined('amountsIncTax')).toEqual(valuesOfField('amountIncTax'));
        expect(batches.map(({ batch }) => batch)).toEqual(batches.map((_, index) => index + 1));
        expect(batches.flatMap(({ rejects }) => rejects).map(({ line }) => line)).toEqual(
          rows.flatMap((_, index) => (index % 5 === 0 ? [1_000 + index] : [])),
        );
        for (const { rowCount, rows: columns } of batches)
          expect(elementsOf(columns.ids)).toHaveLength(rowCount);
      }),
      { numRuns: 30 },
    );
  });

  test('each row has the rejected row that it corrects, or NULL, and no batch is larger than the limit', () => {
    fc.assert(
      fc.property(manyRows, fc.array(fc.boolean(), { minLength: 1 }), (rows, ties) => {
        const corrects = (index: number) =>
          ties[index % ties.length] ? { file: rows[index]![INDEX.id]!, line: index + 7 } : undefined;
        const batcher = new Batcher(UPLOAD, { date: DATE, isCorrection: true }, MAX_BYTES);
        const full = rows.map((values, index) => batcher.addRow(index + 2, values, corrects(index)));
        const batches = [...full, batcher.close({ rowsRead: rows.length })].filter(
          (batch) => batch !== undefined,
        );
        for (const batch of batches) {
          expect(encodeMessage(batch).length).toBeLessThanOrEqual(MAX_BYTES);
          expect(elementsOf(batch.corrections!.files)).toHaveLength(batch.rowCount);
        }
        const read = (name: 'files' | 'lines') =>
          batches.flatMap(({ corrections }) => elementsOf(corrections![name]));
        expect(read('files')).toEqual(rows.map((_, index) => corrects(index)?.file ?? null));
        expect(read('lines')).toEqual(rows.map((_, index) => corrects(index)?.line.toString() ?? null));
      }),
      { numRuns: 30 },
    );
  });

  test('copying values out of their text changes no batch', () => {
    fc.assert(
      fc.property(manyRows, fc.nat(20), (rows, every) => {
        const fillDetached = (isDetached: boolean) => {
          const batcher = new Batcher(UPLOAD, { date: DATE }, MAX_BYTES);
          const batches = rows.flatMap((values, index) => {
            const full = [
              batcher.addRow(index + 2, values),
              batcher.addReject(rejectOf(index, `\ufeff${values[INDEX.name]}`)),
            ];
            if (isDetached && index % (every + 1) === 0) batcher.detach();
            return full;
          });
          return [...batches, batcher.close({ rowsRead: rows.length })]
            .filter((batch) => batch !== undefined)
            .map(encodeMessage);
        };
        expect(fillDetached(true)).toEqual(fillDetached(false));
      }),
      { numRuns: 30 },
    );
  });
});

/** A summary with every field, and titles as long as a summary may have them. */
const LARGEST_FORMAT: FormatSummary = {
  compression: 'gzip',
  encoding: 'Windows-1252',
  lineTerminator: 'CRLF',
  delimiter: '\t',
  quote: '"',
  headerLine: 100,
  decimalSeparator: ',',
  dateFormat: 'YYYY-MM-DD',
  currency: '€',
  unknownColumns: Array.from({ length: 20 }, () => 'é'.repeat(60)),
};

describe('at the limit of a message of SQS', () => {
  const LIMIT = 1_048_576;
  const SHORT = valuesOf({ name: 'a', amountExclTax: '1', amountIncTax: '1' });

  test.each<[string, FileFacts, string]>([
    ['with the date of the file', { date: DATE }, 'a'],
    ['with a date for each row', {}, 'a'],
    ['with names that are escaped', { date: DATE }, '"\\é🍵'],
    ['with the largest format summary', { date: DATE, format: LARGEST_FORMAT }, 'é'],
  ])('batches of thousands of short rows %s are full and not too large', (_what, facts, text) => {
    const values = SHORT.with(INDEX.name, text);
    const batcher = new Batcher(UPLOAD, facts, LIMIT);
    const batches: RowBatch[] = [];
    for (let line = 2; batches.length < 2; line++)
      batches.push(...[batcher.addRow(line, values) ?? []].flat());
    const sizes = batches.map((batch) => encodeMessage(batch).length);
    expect(batches[0]!.rowCount).toBeGreaterThan(5_000);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(LIMIT);
    // Not counted too much either: of each row less than half a byte is left over.
    const reserved = 512 + 2 * encodeMessage(facts.format ?? '').length + 200;
    for (const size of sizes) expect(size).toBeGreaterThan(LIMIT - reserved);
  });

  test('batches of thousands of rejected rows are full and not too large', () => {
    const batcher = new Batcher(UPLOAD, { date: DATE }, LIMIT);
    const reject = { line: 2, column: '', code: 'id-missing', message: '', text: 'é' } as const;
    let full: RowBatch | undefined;
    while (full === undefined) full = batcher.addReject(reject);
    expect(full.rejects.length).toBeGreaterThan(5_000);
    const size = encodeMessage(full).length;
    expect(size).toBeLessThanOrEqual(LIMIT);
    expect(size).toBeGreaterThan(LIMIT - 512 - 200);
  });

  test('the last batch has room for a closing with everything that was detected', () => {
    const format = { ...LARGEST_FORMAT, skippedLines: { headers: 1_000_000_000, totals: 1_000_000_000 } };
    const start = () => new Batcher(UPLOAD, { date: DATE, format: LARGEST_FORMAT }, LIMIT, 1_000_000_000);
    // Counts the rows that fit, and closes a batch that has exactly these.
    let rows = 0;
    for (const batcher = start(); batcher.addRow(1_000_000_000, SHORT) === undefined; ) rows++;
    const full = start();
    for (let index = 0; index < rows; index++) full.addRow(1_000_000_000, SHORT);
    const last = full.close({ rowsRead: 1_000_000_000_000, format });
    expect(last.batch).toBe(1_000_000_000);
    expect(encodeMessage(last).length).toBeLessThanOrEqual(LIMIT);
  });
});

describe('a batch', () => {
  test('is followed by another one exactly at the first row without room', () => {
    const empty = encodeMessage(new Batcher(UPLOAD, { date: DATE }, MAX_BYTES).close({ rowsRead: 0 })).length;
    const rowBytes = valuesOf({ name: 'Soap' }).join(',').length - DATE.length + 1 + 1;
    const limit = empty - '"closing":{"batches":1,"rowsRead":0}'.length - 1 + 512 + 2 * rowBytes;
    const fillWith = (maxBytes: number) => {
      const batcher = new Batcher(UPLOAD, { date: DATE }, maxBytes);
      return [2, 3, 4].map((line) => batcher.addRow(line, valuesOf({ name: 'Soap' }))?.rowCount);
    };
    expect(fillWith(limit)).toEqual([undefined, undefined, 2]);
    expect(fillWith(limit - 1)).toEqual([undefined, 1, 1]);
  });

  test('holds a row that is larger than the limit alone', () => {
    const batcher = new Batcher(UPLOAD, {}, 1_000);
    const long = valuesOf({ name: 'x'.repeat(2_000) });
    expect(batcher.addRow(2, long)).toBeUndefined();
    expect(batcher.addRow(3, long)).toMatchObject({ batch: 1, rowCount: 1 });
  });

  test('has the number that was asked for, without any influence on its size', () => {
    const rows = Array.from({ length: 200 }, () => valuesOf());
    const count = (first: number) => {
      const batcher = new Batcher(UPLOAD, {}, MAX_BYTES, first);
      const full = rows.flatMap((values, index) => batcher.addRow(index + 2, values) ?? []);
      return full.map(({ batch, rowCount }) => [batch - first, rowCount]);
    };
    expect(count(1_000_000)).toEqual(count(1));
  });

  test('has version, upload, date, header and format, and the closing has the totals', () => {
    const facts = { date: DATE, header: 'id', format: { delimiter: ';' } as const };
    const batcher = new Batcher(UPLOAD, facts, MAX_BYTES, 7);
    batcher.addRow(2, valuesOf({ name: 'NULL' }));
    expect(batcher.number).toBe(7);
    const { rows, ...batch } = batcher.close({ rowsRead: 12 });
    expect(batch).toEqual({
      version: 1,
      upload: UPLOAD,
      batch: 7,
      rowCount: 1,
      ...facts,
      rejects: [],
      closing: { batches: 7, rowsRead: 12 },
    });
    expect(rows).not.toHaveProperty('dates');
    expect(rows).toMatchObject({
      lines: '{2}',
      ids: '{00000000-0000-4000-8000-000000000001}',
      categories: '{SELL}',
      names: '{"NULL"}',
      quantities: '{1}',
      amountsExclTax: '{1}',
      amountsIncTax: '{1.2}',
    });
  });

  test('without date, header and format does not mention them', () => {
    const batch = new Batcher(UPLOAD, {}, MAX_BYTES).close({ rowsRead: 0 });
    expect(Object.keys(batch)).toEqual([
      'version',
      'upload',
      'batch',
      'rowCount',
      'rows',
      'rejects',
      'closing',
    ]);
    expect(batch.rows.dates).toBe('{}');
  });

  test('shows every NUL of a rejected row by a character that PostgreSQL can store', () => {
    const batcher = new Batcher(UPLOAD, {}, MAX_BYTES);
    batcher.addReject({ line: 2, column: '', code: 'name-invalid', message: '', text: 'a\0b\0' });
    expect(batcher.close({ rowsRead: 1 }).rejects[0]!.text).toBe('a␀b␀');
  });
});

test.each([
  ['Soap', 'Soap'],
  ['two words', 'two words'],
  ['two  blanks', 'two  blanks'],
  ['!#+-[z|~', '!#+-[z|~'],
  ['', '""'],
  [' a', '" a"'],
  ['a ', '"a "'],
  ['a,b', '"a,b"'],
  ['{', '"{"'],
  ['}', '"}"'],
  ['say "hi"', '"say \\"hi\\""'],
  ['back\\slash', '"back\\\\slash"'],
  ['nULl', '"nULl"'],
  ['Crème', '"Crème"'],
  ['a\tb', '"a\tb"'],
])('the name %j is the array element %s', (text, element) => {
  const batcher = new Batcher(UPLOAD, { date: DATE }, MAX_BYTES);
  batcher.addRow(2, valuesOf({ name: text }));
  expect(batcher.close({ rowsRead: 1 }).rows.names).toBe(`{${element}}`);
});
