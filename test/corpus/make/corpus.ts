import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SUBJECTS } from '../situations/index.ts';
import { type Expected, expectedJson, expectedOf } from './expected.ts';
import { bytesOf } from './situation.ts';

/** A file of the corpus and its expected outcome. */
export interface CorpusFile {
  /** Path in the corpus, such as `delimiters/semicolon.csv`. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly expected: Expected;
}

/** Makes every file that the situations declare. */
export function makeCorpus(): CorpusFile[] {
  return Object.entries(SUBJECTS).flatMap(([folder, subject]) =>
    Object.entries(subject).map(([name, situation]) => {
      const path = `${folder}/${name}`;
      return { path, bytes: bytesOf(path, situation), expected: expectedOf(path, situation) };
    }),
  );
}

/** Path of the expected outcome of a file: `semicolon.csv` has `semicolon.expected.json`. */
export function expectedPath(path: string): string {
  return path.replace(/\..*$/, '.expected.json');
}

/** Writes every file, and beside it its expected outcome, into a folder. */
export async function writeCorpus(corpus: readonly CorpusFile[], dir: string): Promise<void> {
  for (const { path, bytes, expected } of corpus) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes);
    await writeFile(join(dir, expectedPath(path)), expectedJson(expected));
  }
}
