import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { synthesize } from '../../../local/assembly/synthesize.ts';
import { gzip, zip } from '../../corpus/make/archives.ts';
import { HEADER } from '../../corpus/make/situation.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const MIB = 1_048_576;
const parent = temporaryDir();

let cloud: TestCloud;
beforeAll(async () => {
  const assemblyDir = await mkdtemp(join(parent, 'assembly-'));
  await synthesize(LOCAL_PROJECT, assemblyDir, {
    'retail:maxUnpackedMiB': '1',
    'retail:maxRejectedRows': '1000',
    'retail:unknownColumns': 'refuse',
    'retail:unknownStores': 'accept',
  });
  cloud = await TestCloud.start(assemblyDir);
});
afterAll(() => cloud?.stop());

let files = 0;
/** @returns the end of a file that begins with a row */
async function drop(content: (row: string) => string | Uint8Array) {
  const id = `00000000-0000-4000-8000-${String(++files).padStart(12, '0')}`;
  const key = `incoming/store=settings-${files}/retail_15_03_2025.csv`;
  return cloud.load(key, content(`${id},SELL,Tea,2,10.00,12.00`));
}

describe('a file, with retail:maxUnpackedMiB = 1', () => {
  /** A row, and blank lines up to a size. */
  const textOf = (row: string, bytes: number) => Buffer.from(`${HEADER}\n${row}\n`.padEnd(bytes, '\n'));

  test('that is an archive of 1 MiB is loaded', async () => {
    expect(await drop((row) => gzip(textOf(row, MIB)))).toMatchObject({
      status: 'complete',
      rowsInserted: 1,
    });
  });

  test.each([
    ['plain, by one byte', MIB + 1, (text: Uint8Array) => text],
    ['gzip, by one byte', MIB + 1, gzip],
    ['gzip, by far', 64 * MIB, gzip],
    ['gzip, of two members', MIB, (text: Uint8Array) => Buffer.concat([gzip(text), gzip(text)])],
    ['zip, by one byte', MIB + 1, (text: Uint8Array) => zip({ name: 'sales.csv', content: text })],
  ])('%s larger is refused, and none of its rows is loaded', async (_, bytes, pack) => {
    expect(await drop((row) => pack(textOf(row, bytes)))).toMatchObject({
      status: 'failed',
      failureCode: 'file-too-large',
      rowsRead: 0,
      rowsInserted: 0,
    });
  });

  test('that is plain and has 1 MiB is loaded', async () => {
    expect(await drop((row) => textOf(row, MIB))).toMatchObject({ status: 'complete', rowsInserted: 1 });
  });
});

describe('rejected rows, with retail:maxRejectedRows = 1000', () => {
  const textOf = (row: string, rejected: number) => `${HEADER}\n${row}\n${'x\n'.repeat(rejected)}`;

  test.each([
    ['plain', (text: string) => text],
    ['gzip', (text: string) => gzip(Buffer.from(text))],
  ])('of which there are more in a %s file cause it to be refused', async (_, pack) => {
    const upload = await drop((row) => pack(textOf(row, 1_001)));
    expect(upload).toMatchObject({
      status: 'failed',
      failureCode: 'too-many-rejected-rows',
      failureMessage: expect.stringContaining('Of the first 1,002 rows, 1,001 break a rule.'),
      rowsRead: 0,
      rowsInserted: 0,
      rowsRejected: 0,
    });
  });

  test('of which there are as many are kept, and the others loaded', async () => {
    expect(await drop((row) => textOf(row, 1_000))).toMatchObject({
      status: 'complete',
      rowsInserted: 1,
      rowsRejected: 1_000,
    });
  });
});

describe('an unknown column, with retail:unknownColumns = refuse', () => {
  test('causes the file to be refused', async () => {
    expect(await drop((row) => `${HEADER},till\n${row},3\n`)).toMatchObject({
      status: 'failed',
      failureCode: 'column-unknown',
      failureMessage: expect.stringContaining('till'),
      rowsRead: 0,
    });
  });

  test.each([
    ['without a title', (row: string) => `${HEADER}, ,""\n${row},3,4\n`],
    [
      'of rejected rows',
      (row: string) =>
        `reject_line,reject_column,Reject_Code,reject_message,${HEADER}\n2,id,id-missing,The id is empty.,${row}\n`,
    ],
    ['that may or may not be there', (row: string) => `transaction_date,${HEADER}\n15/03/2025,${row}\n`],
  ])('%s is known', async (_, content) => {
    expect(await drop(content)).toMatchObject({ status: 'complete', rowsInserted: 1 });
  });
});
