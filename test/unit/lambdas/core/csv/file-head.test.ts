import { describe, expect, test } from 'vitest';
import { findHead } from '../../../../../lambdas/core/csv/file-head.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const ROW = '00000000-0000-4000-8000-000000000001,SELL,Tea,1,1.00,1.20';
const find = (...lines: string[]) => findHead(lines.join('\n'), true);

describe('line ends', () => {
  test.each([
    ['a last column that nobody needs', `${HEADER},transaction_date\r${ROW},2025-03-15\r"${ROW}\n"\r`],
    ['a delimiter behind each row', `${HEADER},\r${ROW},\r\n`],
  ])('of CR alone are found where a LF stands somewhere else: %s', (_what, text) => {
    expect(findHead(text, true)).toMatchObject({ dialect: { newline: '\r' }, lines: 1 });
  });

  test('of the header may be other than those within its quotes', () => {
    const titles = HEADER.replace('description', '"name"').replace('quantity', '"of\rthe\rtill",quantity');
    expect(find(titles, ROW)).toMatchObject({ dialect: { newline: '\n' }, lines: 1 });
  });
});

describe('lines above the header', () => {
  test('are passed over', () => {
    expect(find('Export of "shop', '', 'sep=,', HEADER, ROW)).toMatchObject({ headerLine: 4, lines: 4 });
  });

  test.each([
    ['a row', ROW, 'column-missing', /^Line 1 looks like a row/],
    ['another header, with a column twice', `${HEADER},name`, 'column-duplicated', /"name" \(column 7\)/],
    ['another header, without a column', HEADER.replace('id,', ''), 'column-missing', /no column id/],
  ])('are not passed over where one is %s', (_what, line, code, message) => {
    expect(find(line, HEADER, ROW)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('do not hide that the header is cut off where the text is', () => {
    expect(findHead(`x\n${HEADER},transaction_d`, false)).toHaveProperty('code');
  });
});

describe('quotes', () => {
  const single = ROW.split(',')
    .map((value) => `'${value}'`)
    .join(',');
  test.each([
    [
      'the header',
      HEADER.split(',')
        .map((title) => `'${title}'`)
        .join(','),
      ROW,
      "'",
    ],
    ['the first row with an id', HEADER, `\nx,SELL,Tea\n${single}`, "'"],
    ['a row whose name spans lines', HEADER, single.replace('Tea', 'Tea\nleaves'), "'"],
    ['a row in double quotes with an apostrophe', HEADER, ROW.replace('Tea', `"Bob's"`), '"'],
    ['a row whose quote is never closed', HEADER, ROW.replace('Tea', '"Tea'), '"'],
  ])('are found by %s', (_what, header, rows, quote) => {
    expect(find(header, rows)).toMatchObject({ dialect: { quote } });
  });
});
