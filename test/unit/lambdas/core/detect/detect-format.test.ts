import { describe, expect, test } from 'vitest';
import { FILE_COLUMNS } from '../../../../../lambdas/core/columns.ts';
import {
  type DetectedFormat,
  detectFormat,
  HEAD_CHARACTERS,
} from '../../../../../lambdas/core/detect/detect-format.ts';
import { DEFAULT_RULES } from '../../../../../lambdas/core/rules.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const ROW = '00000000-0000-4000-8000-000000000001,SELL,Tea,1,1.00,1.20';
const ID = ROW.slice(0, 36);
const detect = (...lines: string[]) => detectFormat(lines.join('\n'), 'UTF-8', DEFAULT_RULES);
const rowWith = (exclTax: string, incTax = exclTax) =>
  ROW.replaceAll(',', ';').replace('1.00;1.20', `${exclTax};${incTax}`);
const detectAmounts = (...rows: string[]) =>
  (detect(HEADER.replaceAll(',', ';'), ...rows) as DetectedFormat).values;

test('the format of a plain file', () => {
  expect(detect(HEADER, ROW)).toEqual({
    dialect: { delimiter: ',', quote: '"', newline: '\n' },
    header: {
      titles: HEADER.split(','),
      positions: FILE_COLUMNS.map(({ titles: [title] }) => HEADER.split(',').indexOf(title)),
    },
    headerText: HEADER,
    firstRow: { offset: HEADER.length + 1, line: 2 },
    values: {
      decimalSeparator: '.',
      currency: undefined,
      dateFormat: undefined,
      dates: { order: 'dmy' },
      isQuoteOpen: true,
    },
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
    const format = detectFormat(['title', HEADER, ROW, ''].join(ends), 'UTF-8', DEFAULT_RULES);
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
    expect(detectFormat(text, 'UTF-8', DEFAULT_RULES)).toMatchObject({
      dialect: { newline: '\r' },
      firstRow: { line: 2 },
    });
  });

  test('of the header may differ from those within its quotes', () => {
    const titles = HEADER.replace('description', '"name"').replace('quantity', '"of\rthe\rtill",quantity');
    const expected = { dialect: { newline: '\n' }, firstRow: { line: 2 }, headerText: titles };
    expect(detect(titles, ROW)).toMatchObject(expected);
  });

  test('within the quotes of the header count as lines', () => {
    const titles = HEADER.replace('quantity', '"of\nthe till",quantity');
    const expected = { firstRow: { line: 3 }, summary: { headerLine: 1 }, headerText: titles };
    expect(detect(titles, ROW)).toMatchObject(expected);
  });

  test('need not end the header', () => {
    expect(detectFormat(HEADER, 'UTF-8', DEFAULT_RULES)).toMatchObject({
      firstRow: { line: 2, offset: HEADER.length },
      headerText: HEADER,
      summary: { lineTerminator: 'LF' },
    });
  });
});

describe('the quote', () => {
  const single = ROW.split(',')
    .map((value) => `'${value}'`)
    .join(',');
  const titlesWithIdLast = `${HEADER.slice(3)},id`;
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
    ['a last line that ends with the id', titlesWithIdLast, `${single.slice(39)},'${ID}'`, "'"],
    ['a later line', HEADER, filler(100) + single, '"'],
    ['a row whose name spans lines', HEADER, single.replace('Tea', 'Tea\nleaves'), "'"],
    ['a row in double quotes with an apostrophe', HEADER, ROW.replace('Tea', `"Bob's"`), '"'],
    ['a row with an apostrophe before a value', HEADER, ROW.replace('Tea', "'Tis tea"), '"'],
    ['a row, not by a line with an id in another column', HEADER, `x,SELL,${ID}\n${single}`, "'"],
    ['a row whose quote is not closed', HEADER, ROW.replace('Tea', '"Tea'), '"'],
    ['the first row with an id, not the second', HEADER, `${ROW}\n${single}`, '"'],
    ['the first row in double quotes, not the second', HEADER, `"${ID}"${ROW.slice(36)}\n${single}`, '"'],
  ])('is shown by %s', (_what, header, rows, quote) => {
    expect(detect(header, rows)).toMatchObject({ dialect: { quote }, summary: { quote } });
  });
});

test('single quotes that are never closed on any line of the head are detected in time', () => {
  const lines = `${ROW.replace('Tea', "'Tea")}\n`.repeat(HEAD_CHARACTERS / ROW.length);
  const begin = performance.now();
  expect(detect(HEADER, lines)).toMatchObject({
    dialect: { quote: '"' },
    values: { dates: { order: 'dmy' } },
  });
  expect(performance.now() - begin).toBeLessThan(5_000);
});

describe('the values', () => {
  test.each([
    ['a decimal comma', [rowWith('1,50')], ','],
    ['a decimal point', [rowWith('1.50')], '.'],
    ['thousands separators', [rowWith('1.234.567')], ','],
    ['the other amount', [rowWith('5', '1,5')], ','],
    ['an amount next to one with blanks between thousands', [rowWith('1 234', '1,5')], ','],
    ['an amount next to one that is not a number', [rowWith('1,23,456', '1,5')], ','],
    ['contradictions', [rowWith('1,50'), rowWith('1.50')], undefined],
    ['ambiguous amounts', [rowWith('1,234')], undefined],
    ['whole amounts', [rowWith('5')], undefined],
    ['a total line', ['total;;;;1,50;1,50'], undefined],
    ['a quantity, if no amount does', [rowWith('5').replace(';1;', ';-1,5;')], ','],
    ['an amount rather than a quantity', [rowWith('1.50').replace(';1;', ';1,5;')], '.'],
    ['amounts that contradict each other', [rowWith('1.50', '1,5').replace(';1;', ';1,5;')], undefined],
    ['a negative amount', [rowWith('(1,50)')], ','],
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
      dates: { order: 'dmy' },
    });
    expect(detect(`${HEADER},transaction_date`, `${ROW.replace('1.00', '€1.00')},31.1.2024`)).toMatchObject({
      summary: { dateFormat: 'DD.MM.YYYY', currency: '€' },
    });
    expect(dated('31/01/2024', '01/31/2024', '01/30/2024', '2024-01-31')).toMatchObject({
      dateFormat: 'DD/MM/YYYY',
      dates: { order: 'dmy', hasOtherOrder: true },
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
    expect(detectFormat(whole, 'UTF-8', DEFAULT_RULES)).toMatchObject({ values: { decimalSeparator: ',' } });
    const cutOff = lines(HEAD_CHARACTERS);
    expect(cutOff).toHaveLength(HEAD_CHARACTERS);
    expect(detectFormat(cutOff, 'UTF-8', DEFAULT_RULES)).toMatchObject({
      values: { decimalSeparator: undefined },
    });
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
