import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { queryRunning } from '../../support/data-directory-view.ts';
import { HEADER, openLocalShop } from '../../support/local-shop.ts';

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const row = (number: number, name = 'Salt') => `${id(number)},SELL,${name},1,1.00,1.20`;
const { dataDir, retail, file } = openLocalShop();

const query = (sql: string) => queryRunning(dataDir, sql);

/** The table as a text for each row of these ids. */
async function table(...ids: number[]): Promise<string[]> {
  const list = ids.map((number) => `'${id(number)}'`).join(', ');
  const rows = await query(
    `SELECT right(t.id::text, 2) || ' ' || name || ' ' || t.store_id || ' ' || substring(object_key from '[^/]*$') AS text
     FROM transactions AS t JOIN ledger.uploads USING (upload_id) WHERE t.id IN (${list}) ORDER BY t.id`,
  );
  return rows.map(({ text }) => String(text));
}

async function expectVerified(): Promise<void> {
  const { code, stdout } = await retail('verify');
  expect(code, stdout).toBe(0);
}

test('a retracted file leaves the table to other files, and loads when it is dropped again', async () => {
  const first = await file('retail_01_06_2024.csv', row(1), row(2));
  await retail('load', first);
  await retail('load', await file('retail_01_06_2024_b.csv', row(2)));
  expect(await table(1, 2)).toEqual([
    '01 Salt main retail_01_06_2024.csv',
    '02 Salt main retail_01_06_2024.csv',
  ]);

  const missing = await retail('retract', 'retail_01_06_2024.csv');
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('--reason')]);
  const retracted = await retail('retract', 'retail_01_06_2024.csv', '--reason', 'Dropped by mistake.');
  expect(retracted.code, retracted.stderr).toBe(0);
  expect(retracted.stdout).toContain('2 rows are retracted');
  expect(await table(1, 2)).toEqual(['02 Salt main retail_01_06_2024_b.csv']);
  const again = await retail('retract', 'retail_01_06_2024.csv', '--reason', 'Again.');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('retracted already')]);
  const [decision] = await query('SELECT kind, reason, decided_by, state FROM ledger.decisions');
  expect(decision).toEqual({
    kind: 'retract',
    reason: 'Dropped by mistake.',
    decided_by: expect.stringMatching(/^arn:aws:/),
    state: 'done',
  });

  await retail('load', first);
  expect(await table(1, 2)).toEqual([
    '01 Salt main retail_01_06_2024.csv',
    '02 Salt main retail_01_06_2024_b.csv',
  ]);
  await expectVerified();
}, 120_000);

test('a file of rejected rows is retracted too, and no correction is left', async () => {
  await retail('load', await file('retail_05_06_2024.csv', 'x,SELL,Salt,1,1.00,1.20'));
  const { code, stdout } = await retail(
    'retract',
    'retail_05_06_2024.csv',
    '--reason',
    'Of another program.',
  );
  expect(code).toBe(0);
  expect(stdout.trim()).toBe(
    'incoming/store=main/retail_05_06_2024.csv: 0 rows are retracted, and its rejected rows (1) need no correction.',
  );
});

test('restated rows are the valid ones, those of some lines or of a whole file of corrections', async () => {
  await retail('load', await file('retail_02_06_2024.csv', row(11), row(12), row(13)));
  const conflicting = await file('retail_02_06_2024_b.csv', row(11, 'Tea'), row(12, 'Tea'));
  expect((await retail('load', conflicting)).code).toBe(3);

  const some = await retail('restate', 'retail_02_06_2024_b.csv', '--lines', '2', '--reason', 'Wrong name.');
  expect(some.code, some.stderr).toBe(3);
  expect(await table(11, 12)).toEqual([
    '11 Tea main retail_02_06_2024_b.csv',
    '12 Salt main retail_02_06_2024.csv',
  ]);
  const corrections = await file('corrections_02_06_2024.csv', row(12, 'Rice'), row(13, 'Rice'));
  await writeFile(
    corrections,
    [`${HEADER},transaction_date`, `${row(12, 'Rice')},2024-06-02`, `${row(13, 'Rice')},2024-06-02`, ''].join(
      '\n',
    ),
  );
  const whole = await retail('restate', corrections, '--store', 'main', '--reason', 'Checked by hand.');
  expect(whole.code, whole.stderr).toBe(0);
  expect(whole.stdout).toContain('replaced');
  expect(await table(11, 12, 13)).toEqual([
    '11 Tea main retail_02_06_2024_b.csv',
    '12 Rice main corrections_02_06_2024.csv',
    '13 Rice main corrections_02_06_2024.csv',
  ]);
  const uploads = await retail('uploads');
  expect(uploads.stdout).toMatch(/ retracted +replaced/);
  await expectVerified();
}, 120_000);

test('a file of the wrong store is moved to the right one', async () => {
  await retail('load', await file('retail_03_06_2024.csv', row(21), row(22)), '--store', 'main');
  const moved = await retail(
    'move',
    'retail_03_06_2024.csv',
    '--to-store',
    'oslo',
    '--reason',
    'Wrong folder.',
  );
  expect(moved.code, moved.stderr + moved.stdout).toBe(0);
  expect(await table(21, 22)).toEqual([
    '21 Salt oslo retail_03_06_2024.csv',
    '22 Salt oslo retail_03_06_2024.csv',
  ]);
  const there = await retail('move', 'retail_03_06_2024.csv', '--to-store', 'oslo', '--reason', 'Again.');
  expect([there.code, there.stderr]).toEqual([
    1,
    expect.stringContaining('belongs to the store oslo already'),
  ]);
  await expectVerified();
}, 120_000);

test('a file of an unknown store that was moved is not to be moved any more', async () => {
  const name = 'retail_04_06_2024.csv';
  const key = `incoming/store=olso/${name}`;
  const loaded = await retail('load', await file(name, row(31)), '--store', 'olso');
  expect(loaded.stdout).toContain(`${key} failed (store-unknown): The setting`);
  const failed = await retail('uploads', '--store', 'olso');
  expect(failed.stdout).toContain('move the file');
  const moved = await retail('move', name, '--to-store', 'oslo', '--reason', 'Mistyped.');
  expect(moved.code, moved.stderr + moved.stdout).toBe(0);
  expect(await table(31)).toEqual([`31 Salt oslo ${name}`]);
  const uploads = await retail('uploads', '--store', 'olso');
  expect(uploads.stdout).toMatch(
    /failed \(store-unknown\): arn:aws:\S+ moved or retracted it \("Mistyped\."\)/,
  );
  expect(uploads.stdout).not.toContain('move the file');
}, 120_000);
