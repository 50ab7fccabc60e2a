import { HEADER, type Subject } from '../make/situation.ts';

export const delimiters: Subject = {
  'comma.csv': {
    situation: 'Commas between the values, and one in a quoted name.',
    lines: [HEADER, '{1},SELL,"Olive Oil, cold pressed",2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    rows: [
      [2, 1, 'SELL', 'Olive Oil, cold pressed', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'semicolon.csv': {
    situation: 'Semicolons between the values, one in a quoted name, and a comma in another.',
    lines: [
      HEADER.replaceAll(',', ';'),
      '{1};SELL;"Olive Oil; cold pressed";2;10.00;12.00',
      '{2};BUY;Salt, coarse;1;24.90;29.88',
    ],
    rows: [
      [2, 1, 'SELL', 'Olive Oil; cold pressed', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Salt, coarse', 1, '24.90', '29.88'],
    ],
    format: { delimiter: ';' },
  },
  'tab.csv': {
    situation: 'Tabs between the values, and one in a quoted name.',
    lines: [
      HEADER.replaceAll(',', '\t'),
      '{1}\tSELL\t"Olive Oil\tcold pressed"\t2\t10.00\t12.00',
      '{2}\tBUY\tSalt, coarse; grey\t1\t24.90\t29.88',
    ],
    rows: [
      [2, 1, 'SELL', 'Olive Oil\tcold pressed', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Salt, coarse; grey', 1, '24.90', '29.88'],
    ],
    format: { delimiter: '\t' },
  },
  'pipe.csv': {
    situation: 'Vertical bars between the values, and one in a quoted name.',
    lines: [
      HEADER.replaceAll(',', '|'),
      '{1}|SELL|"Olive Oil | cold pressed"|2|10.00|12.00',
      '{2}|BUY|Salt, coarse|1|24.90|29.88',
    ],
    rows: [
      [2, 1, 'SELL', 'Olive Oil | cold pressed', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Salt, coarse', 1, '24.90', '29.88'],
    ],
    format: { delimiter: '|' },
  },
  'tab-in-a-tsv.tsv': {
    situation: 'A name that ends with .tsv, and says the day.',
    lines: [HEADER.replaceAll(',', '\t'), '{1}\tSELL\tTea\t2\t10.00\t12.00'],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { delimiter: '\t' },
  },
  'comma-in-a-txt.txt': {
    situation: 'A name that ends with .txt, and says the day.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00'],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
  },
  'others-in-names.csv': {
    situation: 'Commas between the values, and names with the other delimiters.',
    lines: [
      HEADER,
      '{1},SELL,Tea; green; loose; organic; fair; strong; fresh,2,10.00,12.00',
      '{2},BUY,Kettle | steel,1,24.90,29.88',
      '{3},BUY,Pan\tlarge,1,5.00,6.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea; green; loose; organic; fair; strong; fresh', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle | steel', 1, '24.90', '29.88'],
      [4, 3, 'BUY', 'Pan\tlarge', 1, '5.00', '6.00'],
    ],
  },
  'more-commas-in-a-title.csv': {
    situation: 'Semicolons between the values, and more commas than semicolons in a title.',
    lines: [
      `${HEADER.replaceAll(',', ';')};till, cashier, shift, note, receipt, card, bank, comment`,
      '{1};SELL;Tea;2;10.00;12.00;1, Kim, 2, -, 17, no, -, -',
    ],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    format: { delimiter: ';', unknownColumns: ['till, cashier, shift, note, receipt, card, bank, comment'] },
  },
  'colon.csv': {
    situation: 'A delimiter that is none of the four.',
    lines: [HEADER.replaceAll(',', ':'), '{1}:SELL:Tea:2:10.00:12.00'],
    failure: 'column-missing',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
};
