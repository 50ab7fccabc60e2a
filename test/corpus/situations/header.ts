import { HEADER, type Subject } from '../make/situation.ts';

const TEA = '{1},SELL,Tea,2,10.00,12.00';
const notes = (count: number) => Array.from({ length: count }, (_, index) => `Note ${index + 1}`);
/** PNG: its signature and the beginning of its first chunk. */
const PICTURE = Uint8Array.of(
  ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52],
  ...[0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89],
);
export const header: Subject = {
  'another-order-and-case.csv': {
    situation: 'Titles in upper case, in another order, with blanks around them.',
    lines: [
      'AMOUNT_INC_TAX, Quantity ,DESCRIPTION,CATEGORY,  ID,Amount_Excl_Tax',
      '12.00, 2 , Tea ,SELL,{1},10.00',
      '29.88,1,Kettle, BUY ,{2},24.90 ',
      '29.88,none,Kettle,BUY,{3},24.90',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    rejected: [[4, 'Quantity', 'quantity-invalid']],
  },
  'quoted-titles.csv': {
    situation: 'Quotes around some of the titles.',
    lines: ['"id",category,"Description",quantity,"amount_excl_tax",amount_inc_tax', TEA],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
  },
  'name-for-description.csv': {
    situation: 'The title `name` for `description`.',
    lines: [HEADER.replace('description', 'name'), TEA],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
  },
  'row-before.csv': {
    situation: 'A row above the header, which is not to be lost.',
    lines: [TEA, HEADER, TEA.replace('{1}', '{2}')],
    failure: 'column-missing',
    format: { encoding: 'UTF-8' },
  },
  'blank-lines-before.csv': {
    situation: 'Blank lines before the header.',
    lines: ['', '  ', HEADER, TEA],
    rows: [[4, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { headerLine: 3 },
  },
  'lines-before.csv': {
    situation: 'Lines of text before the header.',
    lines: ['Sales of 15 March 2025', 'Shop 12, Paris; till 3', '', 'id,category', HEADER, TEA],
    rows: [[6, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { headerLine: 5 },
  },
  'sep-line.csv': {
    situation: 'The line `sep=;` before the header, by which Excel knows the delimiter.',
    lines: ['sep=;', HEADER.replaceAll(',', ';'), TEA.replaceAll(',', ';')],
    lineTerminator: '\r\n',
    rows: [[3, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { delimiter: ';', lineTerminator: 'CRLF', headerLine: 2 },
  },
  'stray-quote-before.csv': {
    situation: 'A line before the header with a quote that is never closed.',
    lines: ['"Corner shop, sales of 15 March 2025', HEADER, TEA, '{2},BUY,"Kettle, steel",1,24.90,29.88'],
    rows: [
      [3, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kettle, steel', 1, '24.90', '29.88'],
    ],
    format: { headerLine: 2 },
  },
  'line-100.csv': {
    situation: 'The header in line 100.',
    lines: [...notes(99), HEADER, TEA],
    rows: [[101, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { headerLine: 100 },
  },
  'line-101.csv': {
    situation: 'The header in line 101, which is too late.',
    lines: [...notes(100), HEADER, TEA],
    failure: 'column-missing',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'one-title-missing.csv': {
    situation: 'A header without one of the titles.',
    lines: [HEADER.replace('quantity', 'count'), TEA],
    failure: 'column-missing',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'no-header.csv': {
    situation: 'Rows without a header.',
    lines: [TEA, '{2},BUY,Kettle,1,24.90,29.88'],
    failure: 'column-missing',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'letter.csv': {
    situation: 'A text that is not a CSV file.',
    lines: ['Dear all,', '', 'please find attached the sales of 15 March.', '', 'Kim'],
    failure: 'column-missing',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'title-twice.csv': {
    situation: 'A header with one of the titles twice.',
    lines: [`${HEADER},ID`, `${TEA},{1}`],
    failure: 'column-duplicated',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'name-and-description.csv': {
    situation: 'A header with `name` and `description`.',
    lines: [`${HEADER},Name`, `${TEA},Tea`],
    failure: 'column-duplicated',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'header-only.csv': {
    situation: 'A header, and nothing below it.',
    lines: [HEADER],
    format: { decimalSeparator: undefined },
  },
  'header-without-an-end.csv': {
    situation: 'A header without a line end, and nothing below it.',
    lines: [HEADER],
    isOpen: true,
    format: { decimalSeparator: undefined },
  },
  'nothing.csv': {
    situation: 'A file without a byte.',
    lines: [],
    failure: 'file-empty',
    format: {},
  },
  'blank-lines-only.csv': {
    situation: 'Blank lines, and nothing else.',
    lines: ['', '   ', '\t', ''],
    failure: 'file-empty',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'byte-order-mark-only.csv': {
    situation: 'A byte order mark, and nothing else.',
    lines: ['\ufeff'],
    isOpen: true,
    failure: 'file-empty',
    format: { encoding: 'UTF-8' },
  },
  'too-long.csv': {
    situation: 'A header of more than 8,192 characters.',
    lines: [`${HEADER},${'x'.repeat(8_192)}`, `${TEA},x`],
    failure: 'not-csv',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'picture.csv': {
    situation: 'A picture.',
    lines: [],
    as: () => PICTURE,
    failure: 'not-csv',
  },
};
