import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../../lambdas/core/rules.ts';
import { Judge } from '../../../lambdas/core/verdict.ts';
import { checkFile } from '../../../lambdas/parse/check-file.ts';
import { makeZip } from '../../../tools/make-zip.ts';
import { makeCorpus } from '../../corpus/make/corpus.ts';
import { runInProcess } from './run-in-process.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const row = (number: number, category = 'SELL') =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')},${category},Soap,1,1.00,1.20`;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retail-check-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const csv = (...lines: string[]) => [HEADER, ...lines, ''].join('\n');

test('every file of the corpus has the verdict that it has in the pipeline', async () => {
  for (const { path, bytes, expected } of makeCorpus()) {
    const { taxes, returns, isKnownStore, profile, ...rules } = { ...DEFAULT_RULES, ...expected.rules };
    const profiles = profile === undefined ? [] : [{ stores: ['main'], profile }];
    const document = { rules, taxes, returns: { '*': returns }, profiles };
    const limits = { maxMessageBytes: 1_048_576, maxUnpackedMiB: 1_024, maxRejectedRows: 100_000 };
    const judge = new Judge();
    const local = { path: await file('corpus', bytes), key: `incoming/store=main/${expected.key}` };
    await checkFile(local, { document, limits }, async (batch) => judge.add(batch));
    // The files of an archive are other uploads.
    const verdict = judge.verdicts[0]!;
    expect(
      {
        failure: verdict.failureCode ?? undefined,
        rejected: verdict.rejected.map(({ line, column, code }) => ({ line, column, code })),
        rows: verdict.rowsNew,
        duplicates: verdict.rowsDuplicate,
        conflicts: verdict.rowsConflicting,
      },
      path,
    ).toEqual({
      failure: expected.failure,
      rejected: expected.rejected,
      rows: expected.rows.length,
      duplicates: expected.duplicates,
      conflicts: expected.conflicts,
    });
  }
});

test('the batches of a long file come in their order', async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => row(index));
  const path = await file('long', csv(...rows));
  const { taxes, returns, isKnownStore, ...rules } = DEFAULT_RULES;
  const document = { rules, taxes, returns: { '*': returns }, profiles: [] };
  const limits = { maxMessageBytes: 20_000, maxUnpackedMiB: 1, maxRejectedRows: 1_000 };
  const batches: number[] = [];
  const local = { path, key: 'incoming/store=main/retail_09_05_2024.csv' };
  await checkFile(local, { document, limits }, async ({ batch }) => void batches.push(batch));
  expect(batches.length).toBeGreaterThan(10);
  expect(batches).toEqual(batches.map((_, index) => index + 1));
});

describe('retail check', () => {
  test('says which rows would be rejected, and exits with 3', async () => {
    const path = await file('retail_01_05_2024.csv', csv(row(1), row(2, 'LEND'), row(3)));
    const { code, stdout, clouds } = await runInProcess(['check', path, '--store', 'oslo']);
    expect(code).toBe(3);
    expect(clouds).toEqual([]);
    expect(stdout).toMatch(/^retail_01_05_2024\.csv +oslo +2024-05-01 +rejected rows +3 +2 +1$/m);
    expect(stdout).toContain('line 3, category: The category "LEND" is not SELL or BUY.');
  });

  test('exits with 0 for a file without problems, and has a JSON document', async () => {
    const path = await file('retail_02_05_2024.csv', csv(row(1)));
    const { code, stdout } = await runInProcess(['check', path, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).files).toMatchObject([
      { storeId: 'main', status: 'ok', rowsRead: 1, rowsValid: 1, rowsNew: 1, rowsRejected: 0, rejected: [] },
    ]);
  });

  test('counts rows that will be new: the others repeat a row of the file, or differ from it', async () => {
    const other = row(1).replace('Soap', 'Tea');
    const path = await file('retail_10_05_2024.csv', csv(row(1), row(2), row(1).replace('1.00', '1'), other));
    const { code, stdout } = await runInProcess(['check', path]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/ read +new +duplicate +conflicting +rejected$/m);
    expect(stdout).toMatch(/^retail_10_05_2024\.csv +main +2024-05-10 +conflicting rows +4 +2 +1 +1 +0$/m);
    expect(stdout).toContain('line 5: It has the id of line 2, but other values. Line 2 counts.');
    expect(stdout).toContain('1 row is in the file twice and loads once.');
    const twice = await file('retail_11_05_2024.csv', csv(row(1), row(1)));
    expect(await runInProcess(['check', twice])).toMatchObject({ code: 0 });
  });

  test('exits with 3 for a file with a wrong total', async () => {
    const path = await file('retail_09_05_2024.csv', csv(row(1), 'Total,,,1,1.00,1.30'));
    const { code, stdout } = await runInProcess(['check', path]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^retail_09_05_2024\.csv +main +2024-05-09 +totals differ +1 +1 +0$/m);
  });

  test('refuses what the pipeline refuses: an unknown store, a file without a header, too many rejected rows', async () => {
    const good = await file('retail_03_05_2024.csv', csv(row(1)));
    const unknown = await runInProcess(['check', good, '--store', 'olso']);
    expect(unknown.code).toBe(3);
    expect(unknown.stdout).toContain('is refused (store-unknown)');
    const many = await file(
      'retail_04_05_2024.csv',
      csv(...Array.from({ length: 1_001 }, () => row(1, 'LEND'))),
    );
    const headless = await file('retail_05_05_2024.csv', 'nothing\n');
    const { stdout } = await runInProcess(['check', many, headless]);
    expect(stdout).toContain('is refused (too-many-rejected-rows)');
    expect(stdout).toContain('is refused (column-missing)');
  });

  test('judges each file of an archive, however large', async () => {
    const large = csv(...Array.from({ length: 80_000 }, (_, index) => row(index)));
    const zip = makeZip([
      { name: 'retail_06_05_2024.csv', content: Buffer.from(large) },
      { name: 'retail_07_05_2024.csv', content: Buffer.from(csv(row(2, 'LEND'))) },
    ]);
    const { stdout } = await runInProcess(['check', await file('shop.zip', zip)]);
    expect(stdout).toMatch(/^retail_06_05_2024\.csv +main +2024-05-06 +ok +80,000 +80,000 +0$/m);
    expect(stdout).toMatch(/^retail_07_05_2024\.csv +main +rejected rows +1 +0 +1$/m);
  });

  test('writes the rejected rows of one file', async () => {
    const path = await file('retail_08_05_2024.csv', csv(row(1, 'LEND'), row(2), row(3, 'LOST')));
    const rejects = join(folder, 'rejects.csv');
    expect((await runInProcess(['check', path, '--csv', rejects])).stdout).toContain(`are in ${rejects}`);
    // A spreadsheet reads the encoding from it.
    expect(await readFile(rejects, 'utf8')).toMatch(/^\ufeffreject_file,/);
    expect((await readFile(rejects, 'utf8')).match(/,(?:LEND|LOST),/g)).toEqual([',LEND,', ',LOST,']);
    const again = await runInProcess(['check', path, '--csv', rejects]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('already exists') });
    const two = await runInProcess(['check', path, path, '--csv', join(folder, 'two.csv')]);
    expect(two.code).toBe(2);
  });
});
