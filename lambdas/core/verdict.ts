import type { RejectCode } from './reject-codes.ts';
import type { FormatSummary, RejectedRow, RowBatch } from './row-batch.ts';
import { type RepeatedRow, SeenRows } from './seen-rows.ts';

/**
 * Verdict on a file that is not uploaded yet, from the file alone: rows read = new + duplicate + conflicting + rejected.
 * Rows of other files, also those of the same archive, do not count.
 */
export interface Verdict {
  readonly key: string;
  readonly storeId: string;
  status: 'ok' | 'conflicting rows' | 'rejected rows' | 'refused';
  rowsRead: number;
  /** Rows that break no rule. */
  rowsValid: number;
  /** Valid rows with an id that no earlier row of the file has. */
  rowsNew: number;
  /** Valid rows with the id and the values of an earlier row. */
  rowsDuplicate: number;
  /** Valid rows with the id of an earlier row and other values. */
  rowsConflicting: number;
  rowsRejected: number;
  /** False if the file has so many ids that later rows were compared only with the first ones. */
  isCompared: boolean;
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
  /** The first conflicting rows, at most 2,000, each with the line of the row that counts. */
  readonly conflicting: Pick<RepeatedRow, 'line' | 'firstLine'>[];
}

const MAX_CONFLICTING = 2_000;
/** Ids of a file that are kept to find repeated ones. */
const MAX_IDS = 2_000_000;

/** Judges the files of an upload, one after the other, from their batches. */
export class Judge {
  #maxRejected: number;
  #maxIds: number;
  #verdicts = new Map<string, Verdict>();
  #seen: SeenRows;

  /**
   * @param maxRejected number of rejected rows of each file to keep
   * @param maxIds of each file, with which its rows are compared
   */
  constructor(maxRejected = Number.POSITIVE_INFINITY, maxIds = MAX_IDS) {
    this.#maxRejected = maxRejected;
    this.#maxIds = maxIds;
    this.#seen = new SeenRows(maxIds);
  }

  get verdicts(): Verdict[] {
    return [...this.#verdicts.values()];
  }

  /** Adds the next batch. The first one of a file begins its verdict, also if there was one before. */
  add(batch: RowBatch): void {
    const { key } = batch.upload;
    let verdict = this.#verdicts.get(key);
    if (verdict === undefined || batch.batch === 1) {
      verdict = createVerdict(batch);
      this.#verdicts.set(key, verdict);
      this.#seen = new SeenRows(this.#maxIds);
    }
    addToVerdict(verdict, batch, this.#seen.add(batch), this.#maxRejected);
    verdict.isCompared = !this.#seen.isFull;
  }
}

function createVerdict({ upload: { key, storeId } }: Pick<RowBatch, 'upload'>): Verdict {
  const counts = {
    rowsRead: 0,
    rowsValid: 0,
    rowsNew: 0,
    rowsDuplicate: 0,
    rowsConflicting: 0,
    rowsRejected: 0,
  };
  const unknown = { firstDay: null, lastDay: null, failureCode: null, failureMessage: null };
  const rows = { rejected: [], conflicting: [] };
  return {
    key,
    storeId,
    status: 'ok',
    ...counts,
    isCompared: true,
    ...unknown,
    format: {},
    header: null,
    ...rows,
  };
}

function addToVerdict(
  verdict: Verdict,
  { rowCount, date, rows, rejects, format, header, closing }: RowBatch,
  repeated: readonly RepeatedRow[],
  maxRejected: number,
): void {
  for (const { line, firstLine, isSame } of repeated) {
    if (isSame) verdict.rowsDuplicate++;
    else if (++verdict.rowsConflicting <= MAX_CONFLICTING) verdict.conflicting.push({ line, firstLine });
  }
  verdict.rowsNew += rowCount - repeated.length;
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
  if (verdict.rowsRejected > 0) verdict.status = 'rejected rows';
  else if (verdict.rowsConflicting > 0) verdict.status = 'conflicting rows';
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

/** Describes the rows that are in a file again and need no correction, and says if not all of them were looked for. */
export function describeRepeats(
  { rowsDuplicate, isCompared }: Pick<Verdict, 'rowsDuplicate' | 'isCompared'>,
  formatCount: (count: number) => string,
): string[] {
  const many = `${formatCount(rowsDuplicate)} rows repeat an earlier row of the file, which loads once.`;
  return [
    ...(rowsDuplicate === 0
      ? []
      : [rowsDuplicate === 1 ? '1 row is in the file twice and loads once.' : many]),
    ...(isCompared ? [] : ['The file is very long: some rows that are in it twice may be counted as new.']),
  ];
}
