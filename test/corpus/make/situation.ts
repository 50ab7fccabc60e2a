import { createHash } from 'node:crypto';
import type { FailureCode, RejectCode } from '../../../lambdas/core/reject-codes.ts';
import type { FormatSummary } from '../../../lambdas/core/row-batch.ts';
import type { Rules } from '../../../lambdas/core/rules.ts';

/** Usual header of a file. */
export const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';

/** A row as expected in the table. The text contains its id as `{1}`. */
export type AcceptedRow = readonly [
  line: number,
  /** Number of the id in the file, or the id itself. */
  id: number | string,
  category: 'SELL' | 'BUY',
  name: string,
  quantity: number,
  amountExclTax: string,
  amountIncTax: string,
  /** @default the date in the name of the object */
  date?: string,
];

type RejectedRow = readonly [line: number, column: string, code: RejectCode];

/** A file and its expected outcome. */
export interface Situation {
  /** One sentence for the data contract. */
  readonly situation: string;
  /** Lines of the text. `{1}` is the first id of the file, `{1^}` the same in upper case. */
  readonly lines: readonly string[];
  /** Rules of the store, apart from those of `cdk.json`. */
  readonly rules?: Partial<Rules>;
  /** @default LF */
  readonly lineTerminator?: '\n' | '\r\n' | '\r';
  /** True if the last line has no line terminator. */
  readonly isOpen?: boolean;
  /** Encodes the text. @default UTF-8 */
  readonly as?: (text: string) => Uint8Array;
  /** Name of the object. @default retail_15_03_2025 with the extension of the file */
  readonly key?: string;
  /** Present if the whole file is refused. */
  readonly failure?: FailureCode;
  readonly rows?: readonly AcceptedRow[];
  readonly rejected?: readonly RejectedRow[];
  readonly duplicates?: number;
  readonly conflicts?: number;
  /** Differences from a file in UTF-8 with LF, commas and a header in line 1; for a refused file or several files, the whole format. */
  readonly format?: { readonly [Name in keyof FormatSummary]?: FormatSummary[Name] | undefined };
}

/** Situations of one subject, by file name. */
export type Subject = Readonly<Record<string, Situation>>;

const USUAL_FORMAT: FormatSummary = {
  encoding: 'UTF-8',
  lineTerminator: 'LF',
  delimiter: ',',
  quote: '"',
  headerLine: 1,
  decimalSeparator: '.',
  unknownColumns: [],
  skippedLines: { headers: 0, totals: 0 },
};

const USUAL_NDJSON: FormatSummary = {
  syntax: 'NDJSON',
  encoding: 'UTF-8',
  lineTerminator: 'LF',
  unknownColumns: [],
  skippedLines: { headers: 0, totals: 0 },
};

const USUAL_WORKBOOK: FormatSummary = {
  headerLine: 1,
  decimalSeparator: '.',
  unknownColumns: [],
  skippedLines: { headers: 0, totals: 0 },
};

/** Makes an id that no other file has; `number` counts within the file. */
export function idOf(path: string, number: number): string {
  const file = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return `${file}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function bytesOf(
  path: string,
  { lines, lineTerminator = '\n', isOpen = false, as }: Situation,
): Buffer {
  const text = (lines.join(lineTerminator) + (isOpen || lines.length === 0 ? '' : lineTerminator)).replace(
    /\{(\d+)(\^?)\}/g,
    (_, number, upper) =>
      upper === '' ? idOf(path, Number(number)) : idOf(path, Number(number)).toUpperCase(),
  );
  return Buffer.from(as === undefined ? Buffer.from(text) : as(text));
}

export function expectedFormat({ failure, format = {} }: Situation): FormatSummary {
  const usual =
    format.syntax === undefined ? USUAL_FORMAT : format.syntax === 'NDJSON' ? USUAL_NDJSON : USUAL_WORKBOOK;
  return failure === undefined && format.files === undefined
    ? ({ ...usual, ...format } as FormatSummary)
    : (format as FormatSummary);
}
