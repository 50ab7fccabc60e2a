import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fillDocument } from '../../../../tools/bench/output/documents.ts';
import { drawPicture } from '../../../../tools/bench/output/picture.ts';
import { readResults } from '../../../../tools/bench/output/write.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

test.each([
  ['README.md', ['summary']],
  ['docs/performance.md', ['throughput', 'queue', 'smallFile', 'memory', 'coldStart', 'growth']],
])('%s has the tables of docs/performance.json', (path, names) => {
  const text = read(path);
  expect([...text.matchAll(/<!-- bench: (\w+) -->/g)].map(([, name]) => name)).toEqual(names);
  expect(text, 'npm run bench -- --write writes it').toBe(fillDocument(text, readResults()));
});

test('the picture is that of docs/performance.json', () => {
  expect(read('docs/performance.svg')).toBe(drawPicture(readResults()));
});
