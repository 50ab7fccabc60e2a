import { expect, test } from 'vitest';
import { type DetectedFormat, HEAD_CHARACTERS } from '../../../../../lambdas/core/detect/detect-format.ts';
import { DEFAULT_RULES } from '../../../../../lambdas/core/rules.ts';
import { openCsv } from '../../../../../lambdas/core/source/csv/csv-source.ts';
import { readFirstRecord } from '../../../../../lambdas/core/source/csv/first-record.ts';

const FACTS = { fileName: 'sales.csv', date: undefined, rules: DEFAULT_RULES };
const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const rowWith = (name: string, amount = '1') =>
  `00000000-0000-4000-8000-000000000001,SELL,${name},1,${amount},${amount}`;
const ROW = rowWith('Tea');
const FIELDS = ROW.split(',');
const utf8 = (text: string) => Buffer.from(text);
/** A text of exactly this length that ends inside a row. */
const fillHead = (length: number) =>
  `${HEADER}\n${`${ROW}\n`.repeat(length / ROW.length)}`.slice(0, length - 3).concat('\n"x');

test('a short file shows its format and its records only at its end', () => {
  const source = openCsv(undefined, FACTS);
  expect(source.read(utf8(`${HEADER}\r\n${ROW}`))).toEqual([]);
  expect(source).toMatchObject({ format: undefined, failure: undefined, state: { byte: 0 } });
  expect(source.end()).toEqual([{ line: 2, fields: FIELDS, text: undefined, code: undefined }]);
  expect(source).toMatchObject({ format: { headerText: HEADER }, failure: undefined, encoding: 'UTF-8' });
});

test('a long file shows its format as soon as the head is complete, and then the records of each chunk', () => {
  const source = openCsv(undefined, FACTS);
  const head = fillHead(HEAD_CHARACTERS);
  expect(source.read(utf8(head.slice(0, -1)))).toEqual([]);
  expect(source.format).toBeUndefined();
  const records = source.read(utf8(head.slice(-1)));
  expect(source.format).toBeDefined();
  expect(records.map(({ line }) => line)).toEqual(records.map((_, index) => index + 2));
  expect(records).toHaveLength(head.split('\n').length - 2);
  const next = records.length + 2;
  expect(source.state).toEqual({
    byte: HEAD_CHARACTERS,
    encoding: undefined,
    reader: { pending: '"x', line: next, isSkippingLongLine: false, waryRecords: 0 },
  });
  expect(source.read(utf8(`"\n${ROW}\n`))).toMatchObject([
    { line: next, fields: ['x'] },
    { line: next + 1, fields: FIELDS },
  ]);
  expect(source.end()).toEqual([]);
});

test('reading continues at a state that was written as JSON', () => {
  const row = rowWith('Café');
  const first = openCsv(undefined, FACTS);
  first.read(utf8(fillHead(HEAD_CHARACTERS)));
  // Enough bytes to decide the encoding, and the beginning of a record.
  first.read(Buffer.from(`"\n${`${row}\n`.repeat(1_500)}"y`, 'latin1'));
  const { state, format } = JSON.parse(JSON.stringify({ state: first.state, format: first.format }));
  expect(state).toMatchObject({ encoding: 'Windows-1252', reader: { pending: '"y' } });
  const second = openCsv({ state, format }, FACTS);
  const rest = Buffer.from(`é"\n${row}\n`, 'latin1');
  const records = second.read(rest);
  expect(records).toMatchObject([{ fields: ['yé'] }, { fields: row.split(',') }]);
  expect(records).toEqual(first.read(rest));
  expect(second.encoding).toBe('Windows-1252');
});

test('a file that is read again from its beginning keeps the format that was detected', () => {
  const first = openCsv(undefined, FACTS);
  first.read(utf8(`${HEADER}\n${rowWith('Tea', '1.5')}`));
  first.end();
  const format = first.format as DetectedFormat;
  const second = openCsv({ state: { byte: 0 }, format }, FACTS);
  expect(second.read(utf8(`${HEADER}\n${ROW}`))).toEqual([]);
  expect(second.state).toEqual({ byte: 0 });
  expect(second.end()).toMatchObject([{ line: 2, fields: FIELDS }]);
  expect(second.format).toBe(format);
});

test('a file without a header has a failure and no records', () => {
  const short = openCsv(undefined, FACTS);
  short.read(utf8('some,text\n'));
  expect(short.end()).toEqual([]);
  expect(short).toMatchObject({ failure: { code: 'column-missing' }, format: undefined });
  const long = openCsv(undefined, FACTS);
  expect(long.read(utf8('x\n'.repeat(HEAD_CHARACTERS / 2)))).toEqual([]);
  expect(long.failure).toMatchObject({ code: 'column-missing' });
});

test('only the head decides the format, whatever more the chunk contains', () => {
  const source = openCsv(undefined, FACTS);
  source.read(utf8(`${fillHead(HEAD_CHARACTERS)}"\n${rowWith('Tea', '1.50')}\n`));
  expect(source.format!.values.decimalSeparator).toBeUndefined();
});

test.each<[string, string, Buffer]>([
  ['UTF-8', 'ASCII', utf8('some,text')],
  ['UTF-8', 'a byte order mark', utf8('\ufeffsome,text')],
  ['Windows-1252', 'a letter of it', Buffer.from('some,café', 'latin1')],
  ['UTF-16LE', 'text with NUL bytes', Buffer.from('some,text', 'utf16le')],
  [
    'Windows-1252',
    'a letter of it at the end of the head',
    Buffer.from('é'.padStart(HEAD_CHARACTERS, 'some,text\n'), 'latin1'),
  ],
  [
    'UTF-8',
    'a letter after the head',
    Buffer.from('é'.padStart(HEAD_CHARACTERS + 1, 'some,text\n'), 'latin1'),
  ],
])('the encoding of a file without a header is %s for %s', (encoding, _what, bytes) => {
  const source = openCsv(undefined, FACTS);
  source.read(bytes);
  source.end();
  expect(source.failure).toBeDefined();
  expect(source.encoding).toBe(encoding);
});

test.each([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 0xe9]), Buffer.from('[{"name": "café"}]', 'latin1')])(
  'a file that is not CSV has no encoding: %j',
  (bytes) => {
    const source = openCsv(undefined, FACTS);
    source.read(bytes);
    source.end();
    expect(source.failure).toMatchObject({ code: 'not-csv' });
    expect(source.encoding).toBeUndefined();
  },
);

const RECORDS = { delimiter: ';', quote: "'", newline: '\r' } as const;
test.each([
  ['a;b\rc', { fields: ['a', 'b'], length: 4 }],
  ["'a;\rb';c\rd", { fields: ['a;\rb', 'c'], length: 9 }],
  ['a;b', { fields: ['a', 'b'], length: 3 }],
  ["'a;b\rc", undefined],
])('the first record of %j is %j', (text, record) => expect(readFirstRecord(text, RECORDS)).toEqual(record));
