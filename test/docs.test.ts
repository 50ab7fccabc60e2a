import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FAILURE_CODES, REJECT_CODES } from '../lambdas/contract/reject-codes.ts';

test.each(Object.entries({ ...REJECT_CODES, ...FAILURE_CODES }))(
  'the data contract documents %s as the code does',
  async (code, meaning) => {
    const contract = await readFile(new URL('../docs/data-contract.md', import.meta.url), 'utf8');
    expect(contract).toContain(`| \`${code}\` | ${meaning} |`);
  },
);
