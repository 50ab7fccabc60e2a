import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRunbook } from '../../../lib/api/runbook.ts';

const text = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

test('the runbook says what to do about each alarm', () => {
  const headings = [...text.matchAll(/^## (\w+\/\w+)$/gm)].map(([, heading]) => heading);
  const advice = readRunbook();
  expect(headings.length).toBeGreaterThan(50);
  expect(Object.keys(advice)).toEqual(headings);
  // No marks of a heading, a block of code or a table is left.
  expect(Object.values(advice).filter((each) => /^#|```|\n\||\]\(/m.test(each))).toEqual([]);
});

test('an advice is text in paragraphs, without links', () => {
  const section =
    '## A/B\n**Means:** x\n\n**Do:** see [C/D](#cd), and\nrun `retail dlq`.\n\nThen wait.\n\n## Other\ntext\n';
  expect(readRunbook(section)).toEqual({ 'A/B': 'See C/D, and run `retail dlq`.\n\nThen wait.' });
});
