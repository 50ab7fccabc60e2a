import { damagedUtf8, utf16be, utf16le, windows1252 } from '../make/encodings.ts';
import { HEADER, type Subject } from '../make/situation.ts';

const SIGNS = {
  lines: [HEADER, '{1},SELL,Grüner Tee 🍵,2,10.00,12.00', '{2},BUY,日本茶 – “best”,1,24.90,29.88'],
  rows: [
    [2, 1, 'SELL', 'Grüner Tee 🍵', 2, '10.00', '12.00'],
    [3, 2, 'BUY', '日本茶 – “best”', 1, '24.90', '29.88'],
  ],
} as const;
const withMark = (lines: readonly string[]) => [`\ufeff${lines[0]}`, ...lines.slice(1)];

export const encodings: Subject = {
  'utf-8.csv': { situation: 'UTF-8 with signs of many scripts.', ...SIGNS },
  'utf-8-with-mark.csv': {
    situation: 'UTF-8 with a byte order mark.',
    ...SIGNS,
    lines: withMark(SIGNS.lines),
  },
  'utf-16le-with-mark.txt': {
    situation: 'UTF-16LE with a byte order mark, CRLF and tabs: what Excel calls Unicode text.',
    ...SIGNS,
    lines: withMark(SIGNS.lines).map((line) => line.replaceAll(',', '\t')),
    lineTerminator: '\r\n',
    as: utf16le,
    format: { encoding: 'UTF-16LE', lineTerminator: 'CRLF', delimiter: '\t' },
  },
  'utf-16be-with-mark.csv': {
    situation: 'UTF-16BE with a byte order mark.',
    ...SIGNS,
    lines: withMark(SIGNS.lines),
    as: utf16be,
    format: { encoding: 'UTF-16BE' },
  },
  'utf-16le.csv': {
    situation: 'UTF-16LE without a mark.',
    ...SIGNS,
    as: utf16le,
    format: { encoding: 'UTF-16LE' },
  },
  'utf-16be.csv': {
    situation: 'UTF-16BE without a mark.',
    ...SIGNS,
    as: utf16be,
    format: { encoding: 'UTF-16BE' },
  },
  'utf-16-half-of-a-pair.csv': {
    situation: 'UTF-16 with half of an emoji in one name.',
    lines: [HEADER, '{1},SELL,Tea \ud83c,2,10.00,12.00', '{2},BUY,Kettle 🫖,1,24.90,29.88'],
    as: utf16le,
    rows: [[3, 2, 'BUY', 'Kettle 🫖', 1, '24.90', '29.88']],
    rejected: [[2, 'description', 'name-not-utf8']],
    format: { encoding: 'UTF-16LE' },
  },
  'windows-1252.csv': {
    situation: 'Windows-1252 with its quotation marks, dash and euro sign.',
    lines: [HEADER, '{1},SELL,Café “crème” – 1 €,2,10.00,12.00', '{2},BUY,Müller’s Kanne,1,24.90,29.88'],
    as: windows1252,
    rows: [
      [2, 1, 'SELL', 'Café “crème” – 1 €', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Müller’s Kanne', 1, '24.90', '29.88'],
    ],
    format: { encoding: 'Windows-1252' },
  },
  'windows-1252-one-byte.csv': {
    situation: 'Windows-1252 with one byte that is no ASCII.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,Café,1,24.90,29.88'],
    as: windows1252,
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Café', 1, '24.90', '29.88'],
    ],
    format: { encoding: 'Windows-1252' },
  },
  'windows-1252-german.csv': {
    situation: 'What a German Excel writes: Windows-1252, CRLF, semicolons, a decimal comma, euro signs.',
    lines: [
      `${HEADER.replaceAll(',', ';')};Größe`,
      '{1};SELL;Brötchen;2;10,00 €;12,00 €;klein',
      '{2};BUY;Kühlschrank;1;1.234,50 €;1.481,40 €;groß',
    ],
    lineTerminator: '\r\n',
    as: windows1252,
    rows: [
      [2, 1, 'SELL', 'Brötchen', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kühlschrank', 1, '1234.50', '1481.40'],
    ],
    format: {
      encoding: 'Windows-1252',
      lineTerminator: 'CRLF',
      delimiter: ';',
      decimalSeparator: ',',
      currency: '€',
      unknownColumns: ['Größe'],
    },
  },
  'dos.csv': {
    situation: 'The code page of DOS, whose `ü` is a byte that Windows-1252 gives to no character.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,K\u0081chenwaage,1,24.90,29.88'],
    as: (text) => Buffer.from(text, 'latin1'),
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [[3, 'description', 'name-not-utf8']],
    format: { encoding: 'Windows-1252' },
  },
  'utf-8-with-one-damaged-name.csv': {
    situation: 'UTF-8 with one damaged name.',
    lines: [
      HEADER,
      '{1},SELL,Café crème,2,10.00,12.00',
      '{2},SELL,Caf\udce9,2,10.00,12.00',
      '{3},BUY,Müsli,1,24.90,29.88',
    ],
    as: damagedUtf8,
    rows: [
      [2, 1, 'SELL', 'Café crème', 2, '10.00', '12.00'],
      [4, 3, 'BUY', 'Müsli', 1, '24.90', '29.88'],
    ],
    rejected: [[3, 'description', 'name-not-utf8']],
  },
  'as-many-damaged-as-whole.csv': {
    situation: 'One sequence of UTF-8, and one byte that is no UTF-8: not more of these, so UTF-8.',
    lines: [HEADER, '{1},SELL,Café,2,10.00,12.00', '{2},BUY,Caf\udce9,1,24.90,29.88'],
    as: damagedUtf8,
    rows: [[2, 1, 'SELL', 'Café', 2, '10.00', '12.00']],
    rejected: [[3, 'description', 'name-not-utf8']],
  },
  'more-damaged-than-whole.csv': {
    situation: 'One sequence of UTF-8, and two bytes that are no UTF-8: Windows-1252.',
    lines: [HEADER, '{1},SELL,Café,2,10.00,12.00', '{2},BUY,Caf\udce9 cr\udce8me,1,24.90,29.88'],
    as: damagedUtf8,
    rows: [
      [2, 1, 'SELL', 'CafÃ©', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Café crème', 1, '24.90', '29.88'],
    ],
    format: { encoding: 'Windows-1252' },
  },
  'utf-8-with-mark-and-damaged.csv': {
    situation: 'A byte order mark of UTF-8, and no other sequence than a damaged one.',
    lines: [`\ufeff${HEADER}`, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,Caf\udce9,1,24.90,29.88'],
    as: damagedUtf8,
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [[3, 'description', 'name-not-utf8']],
  },
  'utf-8-end-within-a-sign.csv': {
    situation: 'UTF-8 that ends in the middle of a sign.',
    lines: [HEADER, '{1},SELL,Café crème,2,10.00,12.00', '{2},BUY,Caf\udcc3'],
    isOpen: true,
    as: damagedUtf8,
    rows: [[2, 1, 'SELL', 'Café crème', 2, '10.00', '12.00']],
    rejected: [[3, '', 'too-few-columns']],
  },
  'replaced-before.csv': {
    situation: 'A name with the sign U+FFFD, by which another program replaced what it could not read.',
    lines: [HEADER, '{1},SELL,Caf\ufffd,2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, 'description', 'name-not-utf8']],
  },
};
