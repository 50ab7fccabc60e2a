import { fileURLToPath } from 'node:url';
import { SUBJECTS } from '../situations/index.ts';
import { type Expected, expectedJson, expectedOf } from './expected.ts';
import { bytesOf } from './situation.ts';

export const CORPUS_DIR = fileURLToPath(new URL('..', import.meta.url));

/** A file of the corpus, and what should become of it. */
export interface CorpusFile {
  /** In the corpus, such as `delimiters/semicolon.csv`. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly expected: Expected;
}

/** All that the situations declare. */
export function makeCorpus(): CorpusFile[] {
  return Object.entries(SUBJECTS).flatMap(([folder, subject]) =>
    Object.entries(subject).map(([name, situation]) => {
      const path = `${folder}/${name}`;
      return { path, bytes: bytesOf(path, situation), expected: expectedOf(path, situation) };
    }),
  );
}

/** Where the expected outcome of a file stands: `semicolon.csv` has `semicolon.expected.json`. */
export function expectedPath(path: string): string {
  return path.replace(/\..*$/, '.expected.json');
}

/** The files of the folder, by their paths. */
export function writtenCorpus(corpus: readonly CorpusFile[]): Map<string, Buffer> {
  return new Map(
    corpus.flatMap(({ path, bytes, expected }) => [
      [path, bytes] as const,
      [expectedPath(path), Buffer.from(expectedJson(expected))] as const,
    ]),
  );
}
