import { describe, expect, test } from 'vitest';
import { COLUMNS } from '../../../../../lambdas/core/columns.ts';
import {
  type DetectedFormat,
  detectFormat,
  HEAD_CHARACTERS,
} from '../../../../../lambdas/core/detect/detect.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const ROW = '00000000-0000-4000-8000-000000000001,SELL,Tea,1,1.00,1.20';
const detect = (...lines: string[]) => detectFormat(lines.join('\n'), 'UTF-8');
const rowWith = (exclTax: string, incTax = exclTax) =>
  ROW.replaceAll(',', ';').replace('1.00;1.20', `${exclTax};${incTax}`);
const detectAmounts = (...rows: string[]) =>
  (detect(HEADER.replaceAll(',', ';'), ...rows) as DetectedFormat).values;

test('the format of a plain file', () => {
  expect(detect(HEADER, ROW)).toEqual({
    dialect: { delimiter: ',', quote: '"', newline: '\n' },
    header: {
      titles: HEADER.split(','),
      positions: COLUMNS.map(({ titles: [title] }) => HEADER.split(',').indexOf(title)),
    },
    headerText: HEADER,
    firstRow: { offset: HEADER.length + 1, line: 2 },
    values: { decimalSeparator: '.', currency: undefined, dateFormat: undefined, isMonthFirst: false },
    summary: {
      encoding: 'UTF-8',
      lineTerminator: 'LF',
      delimiter: ',',
      quote: '"',
      headerLine: 1,
      decimalSeparator: '.',
      unknownColumns: [],
    },
  });
});

test.each([',', ';', '\t', '|'])('the delimiter %j', (delimiter) => {
  expect(detect(HEADER.replaceAll(',', delimiter), ROW.replaceAll(',', delimiter))).toMatchObject({
    dialect: { delimiter },
    summary: { delimiter },
  });
});

test('a delimiter that only the titles of other columns contain', () => {
  expect(detect(`${HEADER.replaceAll(',', ';')};till, no.`)).toMatchObject({
    summary: { delimiter: ';', unknownColumns: ['till, no.'] },
  });
});

describe('line terminators', () => {
  test.each([
    ['LF', '\n', '\n'],
    ['CRLF', '\r\n', '\n'],
    ['CR', '\r', '\r'],
  ])('%s', (lineTerminator, ends, newline) => {
    const format = detectFormat(['title', HEADER, ROW, ''].join(ends), 'UTF-8');
    expect(format).toMatchObject({
      dialect: { newline },
      headerText: HEADER,
      summary: { lineTerminator, headerLine: 2 },
      firstRow: { line: 3, offset: `title${ends}${HEADER}${ends}`.length },
    });
  });

  test.each([
    ['an optional last column', `${HEADER},transaction_date\r${ROW},2025-03-15\r"${ROW}\n"\r`],
    ['a delimiter at the end of each row', `${HEADER},\r${ROW},\r\n`],
  ])('CR although a LF is somewhere else, with %s', (_what, text) => {
    expect(detectFormat(text, 'UTF-8')).toMatchObject({ dialect: { newline: '\r' }, firstRow: { line: 2 } });
  });

  test('of the header may differ from those within its quotes', () => {
    const titles = HEADER.replace('description', '"name"').replace('quantity', '"of\rthe\rtill",quantity');
    expect(detect(titles, ROW)).toMatchObject({ dialect: { newline: '\n' }, firstRow: { line: 2 } });
  });

  test('within the quotes of the header count as lines', () => {
    const titles = HEADER.replace('quantity', '"of\nthe till",quantity');
    expect(detect(titles, ROW)).toMatchObject({ firstRow: { line: 3 }, summary: { headerLine: 1 } });
  });

  test('need not end the header', () => {
    expect(detectFormat(HEADER, 'UTF-8')).toMatchObject({
      firstRow: { line: 2, offset: HEADER.length },
      headerText: HEADER,
    });
  });
});

describe('lines above the header', () => {
  test('are skipped', () => {
    const format = detect('Export of "shop', '', 'sep=,', HEADER, ROW);
    expect(format).toMatchObject({ summary: { headerLine: 4 }, firstRow: { line: 5 } });
  });

  test('are at most 99', () => {
    const filler = Array.from({ length: 99 }, () => 'x');
    expect(detect(...filler, HEADER)).toMatchObject({ summary: { headerLine: 100 } });
    expect(detect(...filler, 'x', HEADER)).toMatchObject({ code: 'column-missing' });
  });

  test.each([
    ['a row', ROW, 'column-missing', /^Line 1 looks like a row but is above the header\. Move the header/],
    [
      'another header, with a duplicated column',
      `${HEADER},name`,
      'column-duplicated',
      /"name" \(column 7\)/,
    ],
    ['another header, without a column', HEADER.replace('id,', ''), 'column-missing', /no column id/],
    ['four titles', 'id,category,quantity,amount_inc_tax', 'column-missing', /no column description or name/],
  ])('are refused if one is %s', (_what, line, code, message) => {
    expect(detect(line, HEADER, ROW)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    ['three titles', 'id,category,quantity'],
    ['five values, one of them an id', ROW.slice(0, -5)],
    ['six values without an id', 'a,b,c,d,e,f'],
  ])('are skipped if one has only %s', (_what, line) => {
    expect(detect(line, HEADER, ROW)).toMatchObject({ summary: { headerLine: 2 } });
  });

  test('include the header itself neither in another dialect nor as an objection', () => {
    // Read with double quotes, this line has five titles and lacks one.
    const partly = "id,category,quantity,amount_excl_tax,'name','amount_inc_tax'";
    expect(detect(partly, ROW)).toMatchObject({ dialect: { quote: "'" }, summary: { headerLine: 1 } });
  });

  test('do not hide that the header is cut off at the end of the head', () => {
    const head = `${'x\n'.repeat(50)}${HEADER},`.padEnd(HEAD_CHARACTERS, 'y');
    expect(detectFormat(head, 'UTF-8')).toHaveProperty('code');
    expect(detectFormat(`${head.slice(0, 5_000)}`, 'UTF-8')).toMatchObject({ summary: { headerLine: 51 } });
  });
});

describe('a file without a header is refused with the reason', () => {
  test.each([
    ['an empty text', '', 'file-empty', /does not even have a header/],
    ['blank lines', ' \r\n\n', 'file-empty', /does not even have a header/],
    ['the best line', `x\nid,category\nid`, 'column-missing', /It has: id, category\.$/],
    ['the first line', `\n\nsome,text\n`, 'column-missing', /It has: some, text\.$/],
    ['NUL', 'GIF8\0\0', 'not-csv', /^The file is not a CSV file: it contains bytes/],
    ['NUL in the header', `${HEADER},\0\n`, 'not-csv', /^The file is not a CSV file: its header contains/],
    ['invalid bytes in the header', `${HEADER},\ufffd\n`, 'not-csv', /its header contains bytes/],
    [
      'an unclosed quote',
      `"${HEADER}\n${ROW}`,
      'not-csv',
      /^The first line is not a header\. A quoted value/,
    ],
    ['a long line', 'x,'.repeat(5_000), 'not-csv', /^The header is longer than 8,192 characters\./],
    ['two line terminators', `id\r${HEADER.slice(2)}\n${ROW}`, 'not-csv', /one line terminator throughout/],
  ])('%s', (_what, text, code, message) => {
    expect(detectFormat(text, 'UTF-8')).toEqual({ code, message: expect.stringMatching(message) });
  });

  test('a header of more than 8,192 characters', () => {
    const longest = `${HEADER},`.padEnd(8_192, 'x');
    expect(detect(longest, ROW)).toMatchObject({ headerText: longest });
    expect(detect(`${longest}x`, ROW)).toMatchObject({ code: 'not-csv' });
  });
});

describe('the quote', () => {
  const single = ROW.split(',')
    .map((value) => `'${value}'`)
    .join(',');
  const filler = (lines: number) => 'x,SELL,Tea\n'.repeat(lines);
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
    ['the hundredth line', HEADER, filler(99) + single, "'"],
    ['a later line', HEADER, filler(100) + single, '"'],
    ['a row whose name spans lines', HEADER, single.replace('Tea', 'Tea\nleaves'), "'"],
    ['a row in double quotes with an apostrophe', HEADER, ROW.replace('Tea', `"Bob's"`), '"'],
    ['a row whose quote is not closed', HEADER, ROW.replace('Tea', '"Tea'), '"'],
    ['the first row with an id, not the second', HEADER, `${ROW}\n${single}`, '"'],
  ])('is shown by %s', (_what, header, rows, quote) => {
    expect(detect(header, rows)).toMatchObject({ dialect: { quote }, summary: { quote } });
  });
});

describe('the values', () => {
  test.each([
    ['a decimal comma', [rowWith('1,50')], ','],
    ['a decimal point', [rowWith('1.50')], '.'],
    ['thousands separators', [rowWith('1.234.567')], ','],
    ['the other amount', [rowWith('5', '1,5')], ','],
    ['contradictions', [rowWith('1,50'), rowWith('1.50')], undefined],
    ['ambiguous amounts', [rowWith('1,234')], undefined],
    ['whole amounts', [rowWith('5')], undefined],
    ['a total line', ['total;;;;1,50;1,50'], undefined],
    ['a quantity', [rowWith('5').replace(';1;', ';1,5;')], undefined],
  ])('show the decimal separator by %s', (_what, rows, decimalSeparator) => {
    expect(detectAmounts(...rows).decimalSeparator).toBe(decimalSeparator);
  });

  test('show the currency by the first amount that has one', () => {
    expect(detectAmounts(rowWith('1'), rowWith('€1', '$2')).currency).toBe('€');
    expect(detectAmounts(rowWith('1')).currency).toBeUndefined();
    expect(detectAmounts('total;;;;1 $;1 $', rowWith('1 £')).currency).toBe('£');
    expect(detectAmounts(rowWith('x'), rowWith('', '1 £')).currency).toBe('£');
  });

  test('show the date format by the first valid date, and a month that comes first by any', () => {
    const dated = (...dates: string[]) =>
      (detect(`${HEADER},transaction_date`, ...dates.map((date) => `${ROW},${date}`)) as DetectedFormat)
        .values;
    expect(dated('x', '31.1.2024', '2024-01-31')).toMatchObject({
      dateFormat: 'DD.MM.YYYY',
      isMonthFirst: false,
    });
    expect(dated('31/01/2024', '01/31/2024', '01/30/2024', '2024-01-31')).toMatchObject({
      dateFormat: 'DD/MM/YYYY',
      isMonthFirst: true,
    });
  });

  test('count to the end of a whole text, but not in the incomplete last line of the head', () => {
    expect(detectAmounts(rowWith('5'), rowWith('1,50')).decimalSeparator).toBe(',');
    const header = HEADER.replaceAll(',', ';');
    const last = rowWith('1', '1,50');
    const lines = (length: number) => {
      const filler = `${';'.repeat(header.length)}\n`.repeat(length / header.length).slice(0, length - 1);
      return `${header}\n${filler.slice(0, length - header.length - last.length - 2)}\n${last}`;
    };
    const whole = lines(HEAD_CHARACTERS - 1);
    expect(whole).toHaveLength(HEAD_CHARACTERS - 1);
    expect(detectFormat(whole, 'UTF-8')).toMatchObject({ values: { decimalSeparator: ',' } });
    const cutOff = lines(HEAD_CHARACTERS);
    expect(cutOff).toHaveLength(HEAD_CHARACTERS);
    expect(detectFormat(cutOff, 'UTF-8')).toMatchObject({ values: { decimalSeparator: undefined } });
  });
});

test('the summary has at most 20 unknown titles of at most 60 characters, well formed', () => {
  const titles = Array.from({ length: 25 }, (_, index) => `${index}${'🧀'.repeat(40)}`.slice(index % 2));
  const { summary } = detect(`${HEADER},${titles.join(',')}`) as DetectedFormat;
  expect(summary.unknownColumns).toHaveLength(20);
  for (const title of summary.unknownColumns!) {
    expect(title.length).toBeLessThanOrEqual(60);
    expect(title.isWellFormed()).toBe(true);
  }
});
