import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Results } from '../results.ts';
import { fillDocument } from './documents.ts';
import { drawPicture } from './picture.ts';

const ROOT = new URL('../../../', import.meta.url);
const RESULTS = 'docs/performance.json';
const PICTURE = 'docs/performance.svg';
const DOCUMENTS = ['README.md', 'docs/performance.md'];

/** The results that the documents show. */
export function readResults(): Results {
  return JSON.parse(readFileSync(new URL(RESULTS, ROOT), 'utf8')) as Results;
}

/**
 * Puts what was measured in the place of what was measured before, and leaves the parts that were not.
 * @returns the files that it wrote
 */
export function writeDocuments(measured: Results): string[] {
  const before = existsSync(new URL(RESULTS, ROOT)) ? readResults() : undefined;
  const results = { ...before, ...measured };
  const files = new Map([
    [RESULTS, `${JSON.stringify(results, null, 2)}\n`],
    [PICTURE, drawPicture(results)],
    ...DOCUMENTS.map((name) => {
      return [name, fillDocument(readFileSync(new URL(name, ROOT), 'utf8'), results)] as const;
    }),
  ]);
  for (const [name, text] of files) writeFileSync(new URL(name, ROOT), text);
  return [...files.keys()];
}
