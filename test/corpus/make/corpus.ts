import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FailureCode, RejectCode } from '../../../lambdas/core/reject-codes.ts';
import type { FormatSummary } from '../../../lambdas/core/row-batch.ts';
import type { Rules } from '../../../lambdas/core/rules.ts';
import { SUBJECTS } from '../situations/index.ts';
import { bytesOf, expectedFormat, idOf, type Situation } from './situation.ts';

const DAY = '2025-03-15';

export interface ExpectedRow {
  readonly line: number;
  readonly id: string;
  readonly date: string;
  readonly category: string;
  readonly name: string;
  readonly quantity: number;
  readonly amountExclTax: string;
  readonly amountIncTax: string;
}

/** Expected outcome of a file. */
export interface Expected {
  readonly situation: string;
  /** Name of the object. */
  readonly key: string;
  /** Rules of the store, apart from those of `cdk.json`. */
  readonly rules?: Partial<Rules>;
  readonly status: 'complete' | 'failed';
  readonly failure?: FailureCode;
  /** Accepted rows, as expected in the table. */
  readonly rows: readonly ExpectedRow[];
  /** Accepted rows whose id already exists, with equal content and with other content. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly rejected: readonly { readonly line: number; readonly column: string; readonly code: RejectCode }[];
  /** The whole format; for a refused file, values that the detected format must not contradict. */
  readonly format: FormatSummary;
}

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
      return { path, bytes: bytesOf(path, situation), expected: expectOutcome(path, situation) };
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
    await writeFile(join(dir, expectedPath(path)), formatOutcome(expected));
  }
}

function expectOutcome(path: string, situation: Situation): Expected {
  const { failure, rows = [], rejected = [], duplicates = 0, conflicts = 0 } = situation;
  return {
    situation: situation.situation,
    key: situation.key ?? `retail_15_03_2025${path.slice(path.indexOf('.'))}`,
    ...(situation.rules && { rules: situation.rules }),
    status: failure === undefined ? 'complete' : 'failed',
    ...(failure === undefined ? {} : { failure }),
    rows: rows.map(([line, id, category, name, quantity, amountExclTax, amountIncTax, date = DAY]) => {
      const rowId = typeof id === 'number' ? idOf(path, id) : id;
      return { line, id: rowId, date, category, name, quantity, amountExclTax, amountIncTax };
    }),
    duplicates,
    conflicts,
    rejected: rejected.map(([line, column, code]) => ({ line, column, code })),
    format: expectedFormat(situation),
  };
}

/** Formats an expected outcome as JSON with one line per row. */
function formatOutcome(expected: Expected): string {
  const values = Object.entries(expected).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${compact(value)}`,
  );
  return `{\n${values.join(',\n')}\n}\n`;
}

function compact(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
}
