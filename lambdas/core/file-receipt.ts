import { excerptText } from './excerpt-text.ts';
import { plural } from './plural.ts';
import { REJECT_CODES, type RejectCode } from './reject-codes.ts';
import type { WrongTotal } from './row-batch.ts';

/** Version of the form of receipts. Programs of stores read them: members may be added, and none is changed. */
export const FILE_RECEIPT_VERSION = 1;

const MAX_NAME_CHARACTERS = 80;

/** Receipt for a file: the result of an upload. docs/receipts.md describes it to its readers. */
export interface FileReceipt {
  readonly version: typeof FILE_RECEIPT_VERSION;
  /** The same for every repetition of a receipt. */
  readonly id: string;
  /** Number among the receipts of the file, from 1. A later one replaces the earlier ones. */
  readonly sequence: number;
  readonly status: 'complete' | 'failed';
  readonly storeId: string;
  readonly fileName: string;
  readonly key: string;
  readonly versionId: string;
  /** Id of the object version. */
  readonly fileId: string;
  readonly uploadId: string;
  /** ISO 8601, as all times. */
  readonly receivedAt: string;
  readonly completedAt: string;
  /** Number of rows by result. They add up to `read`. */
  readonly rows: Readonly<
    Record<'read' | 'inserted' | 'duplicate' | 'conflicting' | 'rejected' | 'retracted' | 'replaced', number>
  >;
  /** First and last transaction date of the valid rows, YYYY-MM-DD. */
  readonly days?: { readonly first: string; readonly last: string };
  /** Reason why the file was refused as a whole. */
  readonly failure?: { readonly code: string; readonly message: string };
  /** The first total in the file that differs from the sum of its rows. */
  readonly totals?: WrongTotal;
  /** True if the file was read again and brought nothing new. @default false */
  readonly isRepeated?: true;
  /** Rejected rows; absent if there are none. */
  readonly rejects?: {
    /** Number of rejected rows that were still to be corrected; absent if there are more than 10,000 rejected rows. */
    readonly open?: number;
    readonly byCode: readonly { readonly code: string; readonly rows: number }[];
    /** The first rejected rows. Long messages and texts are cut. */
    readonly first: readonly RejectedLine[];
  };
}

interface RejectedLine {
  readonly line: number;
  readonly column: string;
  readonly code: string;
  readonly message: string;
  readonly text: string;
}

/** Summarizes a receipt in one line. */
export function summarizeReceipt(receipt: FileReceipt): string {
  const { fileName, status, rows, sequence } = receipt;
  const name = excerptText(fileName, MAX_NAME_CHARACTERS);
  if (status === 'failed') return `Your file was refused: ${name}`;
  const open = countOpen(receipt);
  const toCorrect = open === 0 ? '' : `, ${format(open)} to correct`;
  const difference = receipt.totals === undefined ? '' : ', its total differs';
  return `Your file ${sequence === 1 ? 'arrived' : 'changed'}: ${name}, ${format(rows.read)} ${plural(rows.read, 'row')}${toCorrect}${difference}`;
}

/** Returns whether a person has to look at the file. */
export function hasProblems(receipt: FileReceipt): boolean {
  const { status, rows, totals } = receipt;
  return status === 'failed' || countOpen(receipt) > 0 || rows.conflicting > 0 || totals !== undefined;
}

/** Returns the number of rejected rows that are still to be corrected. */
function countOpen({ rows, rejects }: FileReceipt): number {
  return rejects?.open ?? rows.rejected;
}

/** Writes a receipt for people. No value of the file can add a line to it. */
export function writeReceiptText(receipt: FileReceipt): string {
  const { rows, failure, days, rejects, sequence, totals } = receipt;
  const open = countOpen(receipt);
  const facts = {
    File: excerptText(receipt.fileName, MAX_NAME_CHARACTERS),
    Store: excerptText(receipt.storeId, MAX_NAME_CHARACTERS),
    Received: formatTime(receipt.receivedAt),
    Finished: formatTime(receipt.completedAt),
    ...(days && { Days: days.first === days.last ? days.first : `${days.first} to ${days.last}` }),
    'Rows read': format(rows.read),
    '  new': format(rows.inserted),
    '  already known': format(rows.duplicate),
    '  known, but different': format(rows.conflicting),
    ...(open === rows.rejected
      ? { '  to correct': format(open) }
      : { '  rejected': format(rows.rejected), '    still to correct': format(open) }),
    ...(rows.retracted > 0 && { '  taken out again': format(rows.retracted) }),
    ...(rows.replaced > 0 && { '  replaced by others': format(rows.replaced) }),
  };
  return [
    summarizeReceipt(receipt),
    ...(failure ? [`${excerptText(failure.message, 1_000)} (${failure.code})`] : []),
    ...(totals ? [describeWrongTotal(totals)] : []),
    ...(receipt.isRepeated ? ['The file was read again and brought nothing new.'] : []),
    ...(sequence > 1 ? ['This receipt replaces the earlier ones of the file.'] : []),
    '',
    ...Object.entries(facts).map(([title, value]) => `${title.padEnd(26)}${value}`),
    ...(rejects && open > 0 ? describeRejects(rejects, rows.rejected, open) : []),
    '',
    `Receipt ${receipt.id}`,
    '',
  ].join('\n');
}

function describeWrongTotal({ line, column, written, rows }: WrongTotal): string {
  return (
    `The total on line ${format(line)} of the file, ${excerptText(column, 100)}, is ${written}, and its rows add up to ` +
    `${rows}. Compare the file with the till: rows may be missing, or there twice.`
  );
}

function describeRejects(
  { byCode, first }: NonNullable<FileReceipt['rejects']>,
  count: number,
  open: number,
): string[] {
  const reasons = byCode.map(({ code, rows }) => {
    // An older release had other codes.
    const advice = REJECT_CODES[code as RejectCode] ?? '';
    return `${format(rows).padStart(8)}  ${code}: ${advice}`.trimEnd();
  });
  const lines = first.flatMap(({ line, column, message, text }) => [
    `  line ${format(line)}${column === '' ? '' : `, ${excerptText(column, 100)}`}: ${excerptText(message, 500)}`,
    `    ${excerptText(text, 300)}`,
  ]);
  const left = count - first.length;
  const more = left > 0 ? [`  … and ${format(left)} more`] : [];
  const title = open === count ? 'Rows to correct' : 'All rejected rows';
  return ['', `${title}, by reason:`, ...reasons, '', 'The first of them:', ...lines, ...more];
}

function format(count: number): string {
  return count.toLocaleString('en-US');
}

function formatTime(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`;
}
