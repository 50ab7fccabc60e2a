import { HEADER, type Subject } from '../make/situation.ts';

const SEMICOLONS = HEADER.replaceAll(',', ';');

export const linesThatAreNoRows: Subject = {
  'blank-lines.csv': {
    situation: 'Blank lines between rows and at the end.',
    lines: [
      HEADER,
      '',
      '{1},SELL,Tea,2,10.00,12.00',
      '   ',
      '\t',
      '{2},BUY,Kettle,1,24.90,29.88',
      '',
      '',
      ' ',
    ],
    rows: [
      [3, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [6, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'delimiters-only.csv': {
    situation: 'Lines with nothing but commas, blanks and empty quotes.',
    lines: [
      HEADER,
      ',,,,,',
      '{1},SELL,Tea,2,10.00,12.00',
      ' , ,,,,',
      '"","",,,,""',
      ',',
      ',,,,,,,,,',
      '{2},BUY,Kettle,1,24.90,29.88',
      ',,,,,',
    ],
    rows: [
      [3, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [8, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'tabs-only.csv': {
    situation: 'Lines with nothing but tabs, where tabs are the delimiters.',
    lines: [HEADER.replaceAll(',', '\t'), '\t\t\t\t\t', '{1}\tSELL\tTea\t2\t10.00\t12.00', '\t \t'],
    rows: [[3, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { delimiter: '\t' },
  },
  'header-again.csv': {
    situation: 'The header again, in another case and with quotes too.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00',
      HEADER,
      '{2},BUY,Kettle,1,24.90,29.88',
      'ID, Category ,DESCRIPTION,"quantity",amount_excl_tax,amount_inc_tax ',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { skippedLines: { headers: 2, totals: 0 } },
  },
  'another-header.csv': {
    situation: 'Another header below the first: a row that is rejected.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00',
      'id,category,description,quantity,amount_inc_tax,amount_excl_tax',
      'id,category,name,quantity,amount_excl_tax,amount_inc_tax',
    ],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [
      [3, 'id', 'id-not-uuid'],
      [4, 'id', 'id-not-uuid'],
    ],
  },
  'totals-english.csv': {
    situation: 'Lines with totals, in English.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00',
      'Subtotal,,,2,10.00,12.00',
      '{2},BUY,Kettle,1,24.90,29.88',
      'Sub-total: 1 row,,,1,24.90,29.88',
      'TOTAL,,,3,34.90,41.88',
      '"Grand total",,,3,34.90,41.88',
      'Totals:,41.88',
      ',,Sum,3,34.90,41.88',
      ' total ',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { skippedLines: { headers: 0, totals: 7 }, totals: 'agree' },
  },
  'totals-german.csv': {
    situation: 'Lines with totals, in German.',
    lines: [
      SEMICOLONS,
      '{1};SELL;Tee;2;10,00;12,00',
      'Zwischensumme;;;2;10,00;12,00',
      '{2};BUY;Kanne;1;24,90;29,88',
      'Summe;;;3;34,90;41,88',
      'GESAMT;;;3;34,90;41,88',
      'Gesamtsumme: 41,88 €;;;;;;',
    ],
    rows: [
      [2, 1, 'SELL', 'Tee', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kanne', 1, '24.90', '29.88'],
    ],
    format: {
      delimiter: ';',
      decimalSeparator: ',',
      skippedLines: { headers: 0, totals: 4 },
      totals: 'agree',
    },
  },
  'totals-in-other-languages.csv': {
    situation: 'Lines with totals in Italian, Dutch, Spanish and Russian.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00',
      'Totale,,,2,10.00,12.00',
      'Totaal,,,2,10.00,12.00',
      'Suma,,,2,10.00,12.00',
      'Итого,,,2,10.00,12.00',
    ],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { skippedLines: { headers: 0, totals: 4 }, totals: 'agree' },
  },
  'no-totals.csv': {
    situation: 'Rows and lines that look like totals and are none.',
    lines: [
      HEADER,
      '{1},SELL,Total,2,10.00,12.00',
      '{2},SELL,Total Yogurt,2,10.00,12.00',
      ',SELL,Total Yogurt,2,10.00,12.00',
      'Total,SELL,Yogurt,2,10.00,12.00',
      'Totally,,,2,10.00,12.00',
      'Summer sale,,,2,10.00,12.00',
      'In total,,,2,10.00,12.00',
      'Printed at 18:00',
    ],
    rows: [
      [2, 1, 'SELL', 'Total', 2, '10.00', '12.00'],
      [3, 2, 'SELL', 'Total Yogurt', 2, '10.00', '12.00'],
    ],
    rejected: [
      [4, 'id', 'id-missing'],
      [5, 'id', 'id-not-uuid'],
      [6, 'id', 'id-not-uuid'],
      [7, 'id', 'id-not-uuid'],
      [8, 'id', 'id-not-uuid'],
      [9, '', 'too-few-columns'],
    ],
  },
  'no-totals-where-names-stand-first.csv': {
    situation:
      'A product called Total Yogurt, where names stand first: a row with an id, or rejected without.',
    lines: [
      'description,id,category,quantity,amount_excl_tax,amount_inc_tax',
      'Total Yogurt,{1},SELL,2,10.00,12.00',
      'Total Yogurt,,SELL,2,10.00,12.00',
      'Total Yogurt,{2},OTHER,2,10.00,12.00',
      'Total,,,2,10.00,12.00',
    ],
    rows: [[2, 1, 'SELL', 'Total Yogurt', 2, '10.00', '12.00']],
    rejected: [
      [3, 'id', 'id-missing'],
      [4, 'category', 'category-unknown'],
    ],
    format: {
      skippedLines: { headers: 0, totals: 1 },
      totals: { line: 5, column: 'quantity', written: '2', rows: '6' },
    },
  },
  'totals-wrong.csv': {
    situation: 'A total that is not the sum of the rows: a row is missing, or a number was changed.',
    lines: [
      SEMICOLONS,
      '{1};SELL;Tea;2;10,00;12,00',
      '{2};BUY;Kettle;1;1.024,90;1.229,88',
      'Summe;;;3;1.034,90;1.241,98 €',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '1024.90', '1229.88'],
    ],
    format: {
      delimiter: ';',
      decimalSeparator: ',',
      skippedLines: { headers: 0, totals: 1 },
      totals: { line: 4, column: 'amount_inc_tax', written: '1.241,98 €', rows: '1241.88' },
    },
  },
  'totals-wrong-subtotal.csv': {
    situation: 'A subtotal that is wrong, below one that agrees.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00',
      'Subtotal,,,2,10.00,12.00',
      '{2},SELL,Cup,1,5.00,6.00',
      'Subtotal,,,1,5.50,6.00',
      'Total,,,3,15.00,18.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [4, 2, 'SELL', 'Cup', 1, '5.00', '6.00'],
    ],
    format: {
      skippedLines: { headers: 0, totals: 3 },
      totals: { line: 5, column: 'amount_excl_tax', written: '5.50', rows: '5.00' },
    },
  },
  'totals-partial.csv': {
    situation: 'A total of some columns, which counts a rejected row too.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},SELL,Cup,1,5.00,7.00', 'Total,,,,,19.00'],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [[3, 'amount_inc_tax', 'tax-mismatch']],
    format: { skippedLines: { headers: 0, totals: 1 }, totals: 'agree' },
  },
  'totals-below-unreadable-rows.csv': {
    situation: 'A total below a row whose amount cannot be read, which is not compared.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},SELL,Cup,1,five,6.00', 'Total,,,3,15.00,18.00'],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [[3, 'amount_excl_tax', 'amount-invalid']],
    format: { skippedLines: { headers: 0, totals: 1 } },
  },
};
