import type { FailureCode, RejectCode } from '../../../lambdas/core/reject-codes.ts';
import type { FormatSummary } from '../../../lambdas/core/row-batch.ts';
import { expectedFormat, idOf, type Situation } from './situation.ts';

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
  /** The name of the object. */
  readonly key: string;
  readonly status: 'complete' | 'failed';
  readonly failure?: FailureCode;
  /** The accepted ones, as they should stand in the table. */
  readonly rows: readonly ExpectedRow[];
  /** Accepted rows whose id was there already, with the same content and with other content. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly rejected: readonly { readonly line: number; readonly column: string; readonly code: RejectCode }[];
  /** All of it; of a refused file, what it may not contradict. */
  readonly format: FormatSummary;
}

export function expectedOf(path: string, situation: Situation): Expected {
  const { failure, rows = [], rejected = [], duplicates = 0, conflicts = 0 } = situation;
  return {
    situation: situation.situation,
    key: situation.key ?? `retail_15_03_2025${path.slice(path.indexOf('.'))}`,
    status: failure === undefined ? 'complete' : 'failed',
    ...(failure === undefined ? {} : { failure }),
    rows: rows.map(([line, id, category, name, quantity, amountExclTax, amountIncTax, date = DAY]) => {
      return { line, id: idOf(path, id), date, category, name, quantity, amountExclTax, amountIncTax };
    }),
    duplicates,
    conflicts,
    rejected: rejected.map(([line, column, code]) => ({ line, column, code })),
    format: expectedFormat(situation),
  };
}

/** JSON with a line for each row. */
export function expectedJson(expected: Expected): string {
  const values = Object.entries(expected).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${compact(value)}`,
  );
  return `{\n${values.join(',\n')}\n}\n`;
}

function compact(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
}
