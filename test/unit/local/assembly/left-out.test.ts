import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LEFT_OUT_TYPES } from '../../../../local/assembly/left-out.ts';

test('the README lists the resource types that the local cloud leaves out, with the same reasons', () => {
  const readme = readFileSync(new URL('../../../../local/README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(AWS::[\w:]+)` \| (.+) \|$/gm)];
  expect(rows.map(([, type, reason]) => [type, reason])).toEqual(Object.entries(LEFT_OUT_TYPES));
});
