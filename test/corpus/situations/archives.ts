import { gzip, type Member, zip } from '../make/archives.ts';
import { utf16le } from '../make/encodings.ts';
import { HEADER, type Subject } from '../make/situation.ts';

const SALES = {
  lines: [HEADER, '{1},SELL,"Tea, green",2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
  rows: [
    [2, 1, 'SELL', 'Tea, green', 2, '10.00', '12.00'],
    [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
  ],
} as const;
const GZIP = { format: { compression: 'gzip' } } as const;
const ZIP = { format: { compression: 'zip' } } as const;
const NAME = 'sales.csv';
const file = (text: string, more: Partial<Member> = {}): Member => ({
  name: NAME,
  content: Buffer.from(text),
  ...more,
});
const refused = (
  failure: 'archive-unusable' | 'archive-damaged' | 'workbook-unusable',
  compression: typeof GZIP | typeof ZIP = ZIP,
) => ({
  lines: SALES.lines,
  failure,
  ...compression,
});

export const archives: Subject = {
  'gzip.csv.gz': { situation: 'gzip.', ...SALES, as: (text) => gzip(Buffer.from(text)), ...GZIP },
  'gzip-without-csv.gz': {
    situation: 'gzip, in a name that says the day without .csv.',
    ...SALES,
    as: (text) => gzip(Buffer.from(text)),
    ...GZIP,
  },
  'gzip-in-disguise.csv': {
    situation: 'gzip in a name that ends with .csv.',
    ...SALES,
    as: (text) => gzip(Buffer.from(text)),
    ...GZIP,
  },
  'plain-in-disguise.csv.gz': {
    situation: 'A plain text in a name that ends with .gz.',
    ...SALES,
  },
  'gzip-members.csv.gz': {
    situation: 'gzip of two members, the first of which ends in the middle of a row.',
    ...SALES,
    as: (text) => Buffer.concat([gzip(Buffer.from(text.slice(0, 100))), gzip(Buffer.from(text.slice(100)))]),
    ...GZIP,
  },
  'gzip-utf-16.csv.gz': {
    situation: 'gzip of a text in UTF-16.',
    ...SALES,
    as: (text) => gzip(utf16le(text)),
    format: { compression: 'gzip', encoding: 'UTF-16LE' },
  },
  'gzip-nothing.csv.gz': {
    situation: 'gzip of a file without a byte.',
    lines: [],
    as: () => gzip(Buffer.alloc(0)),
    failure: 'file-empty',
    ...GZIP,
  },
  'gzip-truncated.csv.gz': {
    situation: 'gzip that ends before its end.',
    ...refused('archive-damaged', GZIP),
    as: (text) => gzip(Buffer.from(text)).subarray(0, -20),
  },
  'gzip-wrong-checksum.csv.gz': {
    situation: 'gzip whose checksum is another one.',
    ...refused('archive-damaged', GZIP),
    as: (text) => {
      const packed = gzip(Buffer.from(text));
      packed[packed.length - 8]! ^= 1;
      return packed;
    },
  },
  'zip.zip': { situation: 'zip of one file.', ...SALES, as: (text) => zip(file(text)), ...ZIP },
  'zip-stored.csv.zip': {
    situation: 'zip of one file that is not compressed.',
    ...SALES,
    as: (text) => zip(file(text, { method: 0 })),
    ...ZIP,
  },
  'zip-written-as-a-stream.zip': {
    situation: 'zip with the sizes after the data.',
    ...SALES,
    as: (text) => zip(file(text, { flags: 8 })),
    ...ZIP,
  },
  'zip-64.zip': {
    situation: 'zip with sizes in 64 bits.',
    ...SALES,
    as: (text) => zip(file(text, { isZip64: true })),
    ...ZIP,
  },
  'zip-folder.zip': {
    situation: 'zip of one file in a folder, with what macOS adds.',
    ...SALES,
    as: (text) =>
      zip(
        { name: 'sales/', method: 0 },
        { name: 'sales/.DS_Store', content: Buffer.from('Bud1') },
        file(text, { name: 'sales/März.csv' }),
        { name: '__MACOSX/', method: 0 },
        { name: '__MACOSX/sales/._März.csv', content: Buffer.from('Mac OS X') },
      ),
    ...ZIP,
  },
  'zip-in-disguise.csv': {
    situation: 'zip in a name that ends with .csv.',
    ...SALES,
    as: (text) => zip(file(text, { name: 'sales.txt' })),
    ...ZIP,
  },
  'zip-two-files.zip': {
    situation: 'zip of two files.',
    lines: SALES.lines,
    as: (text) => zip(file(text), file(text, { name: 'sales-2.csv' })),
    format: { compression: 'zip', files: 2 },
  },
  'zip-outside.zip': {
    situation: 'zip of a file whose name leads out of the archive.',
    ...refused('archive-damaged'),
    as: (text) => zip(file(text), file(text, { name: '../../store=other/sales.csv' })),
  },
  'zip-same-name.zip': {
    situation: 'zip of two files of the same name.',
    ...refused('archive-unusable'),
    as: (text) => zip(file(text), file(text)),
  },
  'zip-no-file.zip': {
    situation: 'zip of no file.',
    ...refused('archive-unusable'),
    as: () => zip(),
  },
  'zip-folder-only.zip': {
    situation: 'zip of an empty folder.',
    ...refused('archive-unusable'),
    as: () => zip({ name: 'sales/', method: 0 }),
  },
  'workbook.csv': {
    situation: 'A workbook, .xlsx, which is a zip of many files.',
    ...refused('workbook-unusable'),
    as: () =>
      zip(
        ...['[Content_Types].xml', '_rels/.rels', 'xl/workbook.xml', 'xl/worksheets/sheet1.xml'].map(
          (name) => ({
            name,
            content: Buffer.from('<?xml version="1.0" encoding="UTF-8"?>'),
          }),
        ),
      ),
  },
  'zip-truncated.zip': {
    situation: 'zip that ends before its end.',
    ...refused('archive-damaged'),
    as: (text) => zip(file(text)).subarray(0, 150),
  },
  'zip-wrong-checksum.zip': {
    situation: 'zip whose checksum is another one.',
    ...refused('archive-damaged'),
    as: (text) => zip(file(text, { checksum: 1 })),
  },
  'zip-encrypted.zip': {
    situation: 'zip that is encrypted.',
    ...refused('archive-damaged'),
    as: (text) => zip(file(text, { flags: 1 })),
  },
  'zip-unknown-method.zip': {
    situation: 'zip that is packed by a method other than deflate.',
    ...refused('archive-damaged'),
    as: (text) => zip(file(text, { method: 12 })),
  },
};
