import { gzipSync } from 'node:zlib';

/** How a file is written: it changes nothing about what becomes of its rows. */
export interface FileDress {
  readonly delimiter: string;
  readonly decimal: string;
  /** Behind the day in the file's name. */
  readonly ending: string;
  encode(text: string): Buffer;
}

export const PLAIN: FileDress = {
  delimiter: ',',
  decimal: '.',
  ending: '.csv',
  encode: (text) => Buffer.from(text),
};
export const PACKED: FileDress = {
  ...PLAIN,
  ending: '.csv.gz',
  encode: (text) => gzipSync(text),
};
const OF_A_SPREADSHEET: FileDress = { ...PLAIN, delimiter: ';', decimal: ',' };
const OF_ANOTHER_SPREADSHEET: FileDress = {
  ...PLAIN,
  delimiter: '\t',
  encode: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
};

export const FILE_DRESSES = [PLAIN, PLAIN, OF_A_SPREADSHEET, OF_ANOTHER_SPREADSHEET, PACKED];
