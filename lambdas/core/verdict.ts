import type { RejectCode } from './reject-codes.ts';
import type { FormatSummary, RejectedRow, RowBatch } from './row-batch.ts';

/** Verdict of the parser on a file that is not uploaded yet. */
export interface Verdict {
  readonly key: string;
  readonly storeId: string;
  status: 'ok' | 'rejected rows' | 'refused';
  rowsRead: number;
  rowsValid: number;
  rowsRejected: number;
  /** First and last transaction date of the valid rows, YYYY-MM-DD. */
  firstDay: string | null;
  lastDay: string | null;
  failureCode: string | null;
  failureMessage: string | null;
  format: FormatSummary;
  /** Original text of the header; null if the file could not be read. */
  header: string | null;
  /** The first rejected rows, as many as the caller wants. */
  readonly rejected: RejectedRow[];
}

export function createVerdict({ upload: { key, storeId } }: Pick<RowBatch, 'upload'>): Verdict {
  const counts = { rowsRead: 0, rowsValid: 0, rowsRejected: 0 };
  const unknown = { firstDay: null, lastDay: null, failureCode: null, failureMessage: null };
  return { key, storeId, status: 'ok', ...counts, ...unknown, format: {}, header: null, rejected: [] };
}

/** Adds a batch of the file. @param maxRejected number of rejected rows to keep */
export function addToVerdict(
  verdict: Verdict,
  { rowCount, date, rows, rejects, format, header, closing }: RowBatch,
  maxRejected = Number.POSITIVE_INFINITY,
): void {
  verdict.rowsValid += rowCount;
  verdict.rowsRejected += rejects.length;
  verdict.rowsRead += rowCount + rejects.length;
  for (const row of rejects) if (verdict.rejected.length < maxRejected) verdict.rejected.push(row);
  const days = rows.dates?.slice(1, -1).split(',') ?? (date === undefined ? [] : [date]);
  for (const day of rowCount > 0 ? new Set(days) : []) {
    if (verdict.firstDay === null || day < verdict.firstDay) verdict.firstDay = day;
    if (verdict.lastDay === null || day > verdict.lastDay) verdict.lastDay = day;
  }
  verdict.format = closing?.format ?? format ?? verdict.format;
  verdict.header ??= header ?? null;
  if (rejects.length > 0) verdict.status = 'rejected rows';
  const { code = null, message = null } = closing?.failure ?? {};
  if (code !== null)
    Object.assign(verdict, { status: 'refused', failureCode: code, failureMessage: message });
}

/** Counts rejected rows by code, the most frequent first. */
export function countByCode(rejected: readonly Pick<RejectedRow, 'code'>[]): [RejectCode, number][] {
  const counts = new Map<RejectCode, number>();
  for (const { code } of rejected) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}
