import { HEADER, type Subject } from '../make/situation.ts';

export const lineEnds: Subject = {
  'crlf.csv': {
    situation: 'Lines that end with CRLF.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    lineTerminator: '\r\n',
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CRLF' },
  },
  'cr.csv': {
    situation: 'Lines that end with CR.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    lineTerminator: '\r',
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CR' },
  },
  'cr-with-quotes.csv': {
    situation: 'Lines that end with CR, and a name that holds a CR and quotes.',
    lines: [HEADER, '{1},SELL,"Tea\r""green""",2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    lineTerminator: '\r',
    rows: [
      [2, 1, 'SELL', 'Tea\r"green"', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CR' },
  },
  'lf-within-quotes-of-a-cr-file.csv': {
    situation: 'Lines that end with CR, and a name that holds an LF.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,"Kettle\nsteel",1,24.90,29.88'],
    lineTerminator: '\r',
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle\nsteel', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CR' },
  },
  'cr-with-one-lf.csv': {
    situation: 'Lines that end with CR, an LF at the end of the file, and a last column without a meaning.',
    lines: [`${HEADER},till\r{1},SELL,Tea,2,10.00,12.00,4\r{2},BUY,Kettle,1,24.90,29.88,4\r`],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CR', unknownColumns: ['till'] },
  },
  'crlf-within-quotes.csv': {
    situation: 'Lines that end with CRLF, and a name that holds one.',
    lines: [HEADER, '{1},SELL,"Tea\r\ngreen",2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    lineTerminator: '\r\n',
    rows: [
      [2, 1, 'SELL', 'Tea\r\ngreen', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CRLF' },
  },
  'lf-within-quotes-of-a-crlf-file.csv': {
    situation: 'Lines that end with CRLF, and a name that contains an LF, which counts as a line.',
    lines: [HEADER, '{1},SELL,"Tea\ngreen",2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    lineTerminator: '\r\n',
    rows: [
      [2, 1, 'SELL', 'Tea\ngreen', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CRLF' },
  },
  'mixed.csv': {
    situation: 'Lines that end with LF, and one among them with CRLF.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00\r',
      '{2},BUY,Kettle,1,24.90,29.88',
      '{3},BUY,Pan,1,5.00,6.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
      [4, 3, 'BUY', 'Pan', 1, '5.00', '6.00'],
    ],
  },
  'signs-that-are-no-line-ends.csv': {
    situation:
      'Names with signs that other programs take for line ends: U+2028, U+0085, vertical tab, form feed.',
    lines: [
      HEADER,
      '{1},SELL,Tea\u2028green\u0085loose,2,10.00,12.00',
      '{2},BUY,Kettle\vsteel\fred,1,24.90,29.88',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea\u2028green\u0085loose', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle\vsteel\fred', 1, '24.90', '29.88'],
    ],
  },
  'last-line-without-an-end.csv': {
    situation: 'A last line without an end.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,"Kettle",1,24.90,"29.88"'],
    isOpen: true,
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'last-line-of-a-cr-file-without-an-end.csv': {
    situation: 'Lines that end with CR, the last one without an end.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    lineTerminator: '\r',
    isOpen: true,
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { lineTerminator: 'CR' },
  },
  'end-within-a-row.csv': {
    situation: 'A file that ends in the middle of a row.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,Ket'],
    isOpen: true,
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [[3, '', 'too-few-columns']],
  },
  'end-within-quotes.csv': {
    situation: 'A file that ends within quotes.',
    lines: [HEADER, '{1},SELL,"Tea, green",2,10.00,12.00', '{2},BUY,"Kettle, st'],
    isOpen: true,
    rows: [[2, 1, 'SELL', 'Tea, green', 2, '10.00', '12.00']],
    rejected: [[3, '', 'quotes-malformed']],
  },
};
