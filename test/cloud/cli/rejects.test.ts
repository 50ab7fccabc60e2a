import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BYTE_ORDER_MARK } from '../../../cli/write-rejects.ts';
import { HEADER, openLocalShop } from '../../support/local-shop.ts';

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const { dir, dataDir, retail, file } = openLocalShop();

test('a rejected row is found, corrected and loaded with the commands that the program prints', async () => {
  const path = await file(
    'retail_01_06_2024.csv',
    `${id(1)},SELL,Salt,1,1.00,1.20`,
    `${id(2)},SELL,"Oil, olive",0,2.00,2.40`,
    `"${id(3)},SELL,Rice,1,3.00,3.60`,
    `${id(4)},LEND,Tea,1,1.00,1.20`,
  );
  const loaded = await retail('load', path, '--store', 'oslo');
  expect(loaded.code).toBe(3);
  const [, command = ''] = /to correct them: (?:npx retail|retail) (.*)$/m.exec(loaded.stdout)!;
  const [verb, upload, option, name] = command.split(' ');
  expect([verb, option, name]).toEqual(['rejects', '--csv', 'retail_01_06_2024_corrected.csv']);

  const csv = join(dir, name!);
  const written = await retail(verb!, upload!, option!, csv);
  expect(written.code, written.stderr).toBe(0);
  const lines = (await readFile(csv, 'utf8')).split('\n');
  expect(lines).toEqual([
    `${BYTE_ORDER_MARK}reject_file,reject_line,reject_column,reject_code,reject_message,${HEADER}`,
    expect.stringContaining(`,3,quantity,quantity-invalid,`),
    expect.stringMatching(/^[-0-9a-f]{36},4,,quotes-malformed,".*","""[^"]*"$/),
    expect.stringContaining(`,5,category,category-unknown,`),
    '',
  ]);
  // Two rows are corrected, the third is not.
  lines[1] = lines[1]!.replace(',0,2.00', ',5,2.00');
  lines[3] = lines[3]!.replace(',LEND,', ',SELL,');
  await writeFile(csv, lines.join('\n'));

  const [, again = ''] = /^ {2}(?:npx retail|retail) (load .*)$/m.exec(written.stdout)!;
  const reloaded = await retail(...again.split(' '), '--json');
  expect(JSON.parse(reloaded.stdout).uploads).toMatchObject([
    { storeId: 'oslo', status: 'complete', rowsRead: 3, rowsInserted: 2, rowsRejected: 1 },
  ]);
  const day = await retail('query', 'transactions-on-date', '--param', 'date=2024-06-01', '--json');
  expect(JSON.parse(day.stdout)).toEqual([{ transactions: 3 }]);

  // The row that was one quoted value is still to be corrected, in the first file and in the correction.
  const { stdout: open } = await retail('rejects', '--store', 'oslo');
  expect(open.match(/ oslo +\S+ +\d+$/gm)?.map((line) => line.trim().split(/ +/).slice(1))).toEqual([
    ['quotes-malformed', '1'],
    ['too-few-columns', '1'],
  ]);
  const { stdout: uploads } = await retail('uploads', '--store', 'oslo', '--json');
  expect(JSON.parse(uploads).uploads).toMatchObject([
    { rowsRejected: 3, rowsOpen: 1 },
    { rowsRejected: 1, rowsOpen: 1 },
  ]);
  const { stdout: rest } = await retail('rejects', upload!);
  expect(rest).toMatch(/^ *4 .*quotes-malformed/m);
  expect(rest).not.toMatch(/^ *[35] /m);
  const { stdout: all } = await retail('rejects', upload!, '--all');
  const corrected = `corrected by ${JSON.parse(reloaded.stdout).uploads[0].uploadId.slice(0, 8)}`;
  expect(all.match(/^ *[345] {2}(?:corrected by \S+|open)/gm)?.map((line) => line.trim())).toEqual([
    `3  ${corrected}`,
    '4  open',
    `5  ${corrected}`,
  ]);
  const left = join(dir, 'left.csv');
  await retail('rejects', upload!, '--csv', left);
  expect((await readFile(left, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
});

test('rejected rows that need no correction are waived with a reason', async () => {
  const bad = [1, 2].map((number) => `${id(600 + number)},LEND,Salt,1,1.00,1.20`);
  await retail('load', await file('retail_22_06_2024.csv', ...bad), '--store', 'oslo');
  const waived = await retail('waive', 'retail_22_06_2024.csv', '--lines', '3', '--reason', 'A test sale');
  expect(waived.stdout, waived.stderr).toContain('1 rejected row is waived, 1 is open.');
  const { stdout } = await retail('rejects', 'retail_22_06_2024.csv', '--all');
  expect(stdout).toMatch(/^ *2 {2}open /m);
  expect(stdout).toMatch(/^ *3 {2}waived \(A test sale\) /m);
});

test('a conflict shows both versions, and the origin of the one that stays', async () => {
  await retail('load', await file('retail_02_06_2024.csv', `${id(20)},SELL,Salt,1,1.00,1.20`));
  await retail(
    'load',
    await file(
      'retail_02_06_2024_b.csv',
      `${id(21)},SELL,Tea,1,1.00,1.20`,
      `${id(20)},SELL,Salt,2,2.00,2.40`,
    ),
  );
  const { stdout, code } = await retail('rejects', 'retail_02_06_2024_b.csv');
  expect(code).toBe(0);
  expect(stdout).toContain(
    'stays (incoming/store=main/retail_02_06_2024.csv line 2): quantity 1, amount_excl_tax 1.00, amount_inc_tax 1.20',
  );
  expect(stdout).toContain(
    'set aside (line 3 of this file): quantity 2, amount_excl_tax 2.00, amount_inc_tax 2.40',
  );
});

test('rows of any length and number are written completely', async () => {
  const long = Array.from(
    { length: 40 },
    (_, index) => `${id(100 + index)},SELL,${'🧀'.repeat(12_000)},0,1.00,1.20`,
  );
  const short = Array.from({ length: 2_500 }, (_, index) => `${id(1_000 + index)},SELL,Salt,0,1.00,1.20`);
  await retail('load', await file('retail_03_06_2024.csv', ...long, ...short));
  const csv = join(dir, 'retail_03_06_2024_corrected.csv');
  const { code, stderr } = await retail('rejects', 'incoming/store=main/retail_03_06_2024.csv', '--csv', csv);
  expect(code, stderr).toBe(0);
  const lines = (await readFile(csv, 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(1 + 40 + 2_500);
  expect(lines.slice(1).map((line) => line.slice(line.indexOf('0000')))).toEqual([...long, ...short]);
});

test('rejected rows are counted by code, and only the first are shown', async () => {
  const bad = `${id(901)},SOLD,Salt,1,1.00,1.20`;
  const lines = [...Array<string>(120).fill(bad), ',SELL,Salt,1,1.00,1.20'];
  await retail('load', await file('retail_21_06_2024.csv', ...lines));
  const { stdout } = await retail('rejects', 'retail_21_06_2024.csv');
  expect(stdout).toMatch(/^category-unknown +category +120 +120$/m);
  expect(stdout).toMatch(/^id-missing +id +1 +1$/m);
  expect(stdout.match(/^ *\d+ {2}category /gm)).toHaveLength(100);
  expect(stdout).toContain('… and 21 more (--limit shows more)');
  const { stdout: all } = await retail('rejects', 'retail_21_06_2024.csv', '--limit', '200');
  expect(all.match(/^ *\d+ {2}(category|id) /gm)).toHaveLength(121);
});

test('for an upload without rejected or conflicting rows no file is written', async () => {
  await retail('load', await file('retail_04_06_2024.csv', `${id(40)},SELL,Salt,1,1.00,1.20`));
  const csv = join(dir, 'nothing.csv');
  expect(await retail('rejects', 'retail_04_06_2024.csv')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('has no rejected or conflicting rows'),
  });
  expect(await retail('rejects', 'retail_04_06_2024.csv', '--csv', csv)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('no file was written'),
  });
  await expect(readFile(csv)).rejects.toThrow('ENOENT');
});

test('a file name without a date is pointed out before the file is loaded', async () => {
  await retail('load', await file('retail_05_06_2024.csv', `${id(50)},SELL,Salt,0,1.00,1.20`));
  const { stdout } = await retail('rejects', 'retail_05_06_2024.csv', '--csv', join(dir, 'fixed.csv'));
  const renamed = join(dir, 'retail_05_06_2024_corrected.csv');
  expect(stdout).toContain(`rename the file to ${renamed}, since a name has the date`);
  expect(stdout).toMatch(new RegExp(`^ {2}.*load ${renamed} --store main --data-dir ${dataDir}$`, 'm'));
});

test('an unknown upload and an existing file are refused', async () => {
  expect(await retail('rejects', 'retail_31_12_1999.csv')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no upload is named "retail_31_12_1999.csv"'),
  });
  const uploads = JSON.parse((await retail('uploads', '--json')).stdout).uploads as { uploadId: string }[];
  expect(uploads.length).toBeGreaterThan(5);
  const there = await file('there.csv');
  expect(await retail('rejects', uploads[0]!.uploadId, '--csv', there)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('already exists'),
  });
});
