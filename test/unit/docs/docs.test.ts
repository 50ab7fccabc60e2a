import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FAILURE_CODES, REJECT_CODES } from '../../../lambdas/core/reject-codes.ts';

test.each(Object.entries({ ...REJECT_CODES, ...FAILURE_CODES }))(
  'the data contract documents %s as the code does',
  async (code, meaning) => {
    const contract = await readFile(new URL('../../../docs/data-contract.md', import.meta.url), 'utf8');
    expect(contract).toContain(`| \`${code}\` | ${meaning} |`);
  },
);

test('every fault of the matrix names a test that is there', async () => {
  const root = new URL('../../../', import.meta.url);
  const matrix = await readFile(new URL('docs/reliability.md', root), 'utf8');
  const rows = [...matrix.matchAll(/^\| .+ \| .+ \| `([^`]+)`: (.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(25);
  expect(rows).toHaveLength([...matrix.matchAll(/^\| (?!what goes wrong|---)/gm)].length);
  for (const [, file, title] of rows) {
    expect(await readFile(new URL(file!, root), 'utf8'), file).toContain(`'${title}'`);
  }
});
