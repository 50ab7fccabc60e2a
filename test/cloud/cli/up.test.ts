import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runRetail } from '../../support/run-retail.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const dir = temporaryDir();
const SAMPLE = fileURLToPath(new URL('../../../samples/retail_15_03_2025.csv', import.meta.url));

test('up prints what this start loaded, and one line if there was nothing to load', async () => {
  const up = ['up', '--once', '--port', '0', '--load', SAMPLE, '--data-dir', join(dir, 'data')];
  const first = await runRetail(...up);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/retail_15_03_2025\.csv +main +2025-03-15 +complete +60 /);
  expect(first.stdout).toContain('query transactions-on-date --param date=2025-03-15');
  const second = await runRetail(...up);
  expect(second.stdout.trim()).toMatch(
    /^Nothing new\. In the ledger: 1 upload \(0 failed\), \d+ rows inserted, \d+ rejected, 0 conflicting\. "(npx )?retail uploads --data-dir \S+" lists them\.$/,
  );
  await rm(join(dir, 'data', 'postgres'), { recursive: true });
  const third = await runRetail('up', '--once', '--port', '0', '--data-dir', join(dir, 'data'));
  expect(third.stdout.trim()).toMatch(
    /the ledger does not have: "(npx )?retail replay --all --data-dir \S+" loads them\.$/,
  );
}, 240_000);
