import type { FormatSummary } from '../../../lambdas/core/row-batch.ts';
import { damagedUtf8, utf16le } from '../make/encodings.ts';
import { type AcceptedRow, HEADER, type Subject } from '../make/situation.ts';

const MEMBERS =
  '"category":"SELL","description":"Tea","quantity":2,"amount_excl_tax":10.00,"amount_inc_tax":12.00';
const TEA = `{"id":"{1}",${MEMBERS}}`;
const BAD = (id: number, member: string) => `{"id":"{${id}}",${MEMBERS},${member}}`;
const withAmount = (id: number, amount: string) => `{"id":"{${id}}",${MEMBERS.replace('10.00', amount)}}`;
const teaRow = (line: number, id = line, date = '2025-03-15'): AcceptedRow => [
  line,
  id,
  'SELL',
  'Tea',
  2,
  '10.00',
  '12.00',
  date,
];
const RECEIPT = '0284f92e-54f7-8766-880d-2cc5a8993a89';
const NDJSON: FormatSummary = { syntax: 'NDJSON' };

export const ndjson: Subject = {
  'plain.ndjson': {
    situation: 'One item on each line; numbers and texts, members in any order.',
    lines: [
      TEA,
      '{"amount_inc_tax":"12.00","amount_excl_tax":"10","quantity":"2","name":"Tea","category":"SELL","id":"{2^}"}',
    ],
    rows: [teaRow(1), teaRow(2)],
    format: NDJSON,
  },
  'blank-lines.jsonl': {
    situation: 'CRLF, blanks between tokens, blank lines, and no line terminator after the last item.',
    lineTerminator: '\r\n',
    isOpen: true,
    lines: ['', `  { "id" :\t"{2}" , ${MEMBERS} } `, ' \t', `{"id":"{4}",${MEMBERS}}`],
    rows: [teaRow(2), teaRow(4)],
    format: { ...NDJSON, lineTerminator: 'CRLF' },
  },
  'named-csv.csv': {
    situation: 'Items in a file named .csv, after a byte order mark.',
    lines: [`\ufeff${TEA}`],
    rows: [teaRow(1)],
    format: NDJSON,
  },
  'dates.ndjson': {
    situation: 'The date of an item, which takes precedence over that of the file name.',
    lines: [
      `{"id":"{1}",${MEMBERS},"transaction_date":"2024-02-29"}`,
      `{"id":"{2}",${MEMBERS},"transaction_date":null}`,
      `{"id":"{3}",${MEMBERS},"transaction_date":"2025-02-29"}`,
    ],
    rows: [teaRow(1, 1, '2024-02-29'), teaRow(2)],
    rejected: [[3, 'transaction_date', 'date-invalid']],
    format: NDJSON,
  },
  'without-date.ndjson': {
    situation: 'A file name without a date: each item needs its own.',
    key: 'sales.ndjson',
    lines: [`{"id":"{1}",${MEMBERS},"transaction_date":"2024-02-29"}`, TEA],
    rows: [teaRow(1, 1, '2024-02-29')],
    rejected: [[2, 'transaction_date', 'date-missing']],
    format: NDJSON,
  },
  'unknown-members.ndjson': {
    situation: 'Members that are not read, among them objects and __proto__.',
    lines: [BAD(1, '"till":{"no":[1,"}"]}'), BAD(2, '"__proto__":{"id":"x"},"till":3')],
    rows: [teaRow(1), teaRow(2)],
    format: { ...NDJSON, unknownColumns: ['till', '__proto__'] },
  },
  'escapes.ndjson': {
    situation: 'Escapes, an emoji among them, half of an emoji, and an escaped NUL.',
    lines: ['\\u00e9 \\"\\\\\\/\\t.', '\\ud83c\\udf75', '\\ud83c', 'T\\u0000ea'].map((name, index) =>
      BAD(index + 1, `"name":"${name}"`).replace('"description":"Tea",', ''),
    ),
    rows: [
      [1, 1, 'SELL', 'é "\\/\t.', 2, '10.00', '12.00'],
      [2, 2, 'SELL', '🍵', 2, '10.00', '12.00'],
    ],
    rejected: [
      [3, 'description', 'name-not-utf8'],
      [4, 'description', 'name-invalid'],
    ],
    format: NDJSON,
  },
  'numbers.ndjson': {
    situation: 'Numbers with exponents, signs, many digits or decimals, none of them rounded.',
    lines: [
      '1e1',
      '1E400',
      '-1e1',
      '12345678901234567890',
      '10.000000000000000001',
      '10.000',
      '"10.000"',
      '10.0',
    ].map((amount, index) => withAmount(index + 1, amount)),
    rows: [teaRow(8)],
    rejected: [
      ...[1, 2, 3, 4, 5, 6].map((line) => [line, 'amount_excl_tax', 'amount-invalid'] as const),
      [7, 'amount_excl_tax', 'amount-ambiguous'],
    ],
    format: NDJSON,
  },
  'not-items.ndjson': {
    situation: 'Lines that are not items, between items.',
    lines: [
      TEA,
      'id,category',
      `[${TEA}]`,
      TEA.slice(0, -1),
      `${TEA}${TEA}`,
      BAD(6, '"quantity":1'),
      BAD(7, '"name":"Tea"'),
      withAmount(8, '[10]'),
      '{}',
      `{"id":"${'x'.repeat(65_536)}"}`,
      `{"id":"{11}",${MEMBERS}}`,
    ],
    rows: [teaRow(1), teaRow(11)],
    rejected: [
      [2, '', 'json-malformed'],
      [3, '', 'json-not-object'],
      [4, '', 'json-malformed'],
      [5, '', 'json-malformed'],
      [6, '', 'json-member-duplicated'],
      [7, '', 'json-member-duplicated'],
      [8, 'amount_excl_tax', 'json-value-invalid'],
      [9, 'id', 'id-missing'],
      [10, '', 'row-too-long'],
    ],
    format: NDJSON,
  },
  'totals.ndjson': {
    situation: 'Items like a total line or a header, which are rejected and not skipped.',
    lines: ['{"id":"Total","amount_inc_tax":12}', '{"id":"id","category":"category"}'],
    rejected: [
      [1, 'id', 'id-not-uuid'],
      [2, 'id', 'id-not-uuid'],
    ],
    format: NDJSON,
  },
  'damaged.ndjson': {
    situation: 'A byte that is not UTF-8 in one description.',
    as: damagedUtf8,
    lines: [TEA.replace('Tea', 'Th\udce9'), `{"id":"{2}",${MEMBERS}}`],
    rows: [teaRow(2)],
    rejected: [[1, 'description', 'name-not-utf8']],
    format: NDJSON,
  },
  'utf-16.ndjson': {
    situation: 'Items in UTF-16.',
    as: (text) => utf16le(`\ufeff${text}`),
    lines: [TEA],
    failure: 'not-utf8',
    format: { encoding: 'UTF-16LE' },
  },
  'manifest.ndjson': {
    situation: 'Collected calls of the API: the first line says which lines belong to which call.',
    lines: [`{"calls":[{"receipt":"${RECEIPT}","items":2}]}`, `{"id":"{2}",${MEMBERS}}`, '{'],
    rows: [teaRow(2)],
    rejected: [[3, '', 'json-malformed']],
    format: { ...NDJSON, manifest: 'used' },
  },
  'false-manifest.ndjson': {
    situation: 'Calls with another number of items than there are lines.',
    lines: [`{"calls":[{"receipt":"${RECEIPT}","items":2}]}`, `{"id":"{2}",${MEMBERS}}`],
    rows: [teaRow(2)],
    format: { ...NDJSON, manifest: 'ignored' },
  },
  'discarded-calls.ndjson': {
    situation: 'Calls that an operator discarded: their items are kept, and not loaded.',
    lines: [
      `{"calls":[{"receipt":"${RECEIPT}","items":1}],"discarded":"made by a test"}`,
      `{"id":"{1}",${MEMBERS}}`,
    ],
    failure: 'call-discarded',
    format: { ...NDJSON, manifest: 'used' },
  },
  'second-manifest.ndjson': {
    situation: 'A list of calls below the first line, which is an item.',
    lines: [TEA, `{"calls":[{"receipt":"${RECEIPT}","items":0}]}`],
    rows: [teaRow(1)],
    rejected: [[2, 'id', 'id-missing']],
    format: { ...NDJSON, unknownColumns: ['calls'] },
  },
  'csv-after-brace.csv': {
    situation: 'A brace in a line above the header of a CSV file.',
    lines: ['{report 7}', HEADER, '{1},SELL,Tea,2,10.00,12.00'],
    rows: [teaRow(3, 1)],
    format: { headerLine: 2 },
  },
};
