import type { RejectsAnswer, RulesAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import type { Verdict } from '../../lambdas/core/verdict.ts';
import { get } from '../api.ts';
import { pokeStatus } from '../poll.ts';
import { runInSteps } from '../steps.ts';
import { checkFile } from '../worker/check-file.ts';
import { sendFile } from './drop-send.ts';
import type { FixSheet } from './fix-sheet.ts';

/** Corrections that were sent. */
export interface SentCorrections {
  readonly fileName: string;
  readonly versionId: string;
  readonly rows: readonly number[];
}

interface Sending {
  readonly upload: UploadAnswer;
  readonly sheet: FixSheet;
  /** Rows whose corrections break no rule. */
  readonly rows: readonly number[];
  readonly rules: RulesAnswer;
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

const PAGE_ROWS = 1_000;

/**
 * Takes rows out of a sheet that others have settled since it was loaded.
 * @returns the number of these rows
 * @throws {ApiError}
 */
export async function removeSettled({
  upload,
  sheet,
  signal,
}: Pick<Sending, 'upload' | 'sheet' | 'signal'>): Promise<number> {
  const path = `/uploads/${encodeURIComponent(upload.uploadId)}`;
  const now = await get<UploadAnswer>(path, {}, signal);
  if (now.rows.open >= sheet.open.length) return 0;
  const lines = new Set<number>();
  for (let after: number | undefined = 0; after !== undefined; ) {
    const query = { state: 'open', after, limit: PAGE_ROWS };
    const page: RejectsAnswer = await get<RejectsAnswer>(`${path}/rejects`, query, signal);
    for (const { line } of page.rejects) lines.add(line);
    after = page.next;
  }
  const settled = sheet.open.filter((row) => !lines.has(sheet.rows[row]!.entry.line));
  sheet.remove(settled);
  return settled.length;
}

/**
 * Sends corrections as one file. The parser judges the file before: a row that it would reject stays in the sheet with its
 * reason.
 * @returns undefined if none of them is left
 * @throws {Error} if the file as a whole would be refused, or did not arrive
 */
export async function sendCorrections(sending: Sending): Promise<SentCorrections | undefined> {
  const { upload, sheet, rules, onProgress, signal } = sending;
  const { store } = upload;
  const { fileName } = sheet;
  const key = buildUploadKey({ storeId: store, fileName });
  for (let { rows } = sending; rows.length > 0; rows = rows.filter((row) => sheet.ready.has(row))) {
    const file = await runInSteps(sheet.writeCsv(rows), signal);
    const request = { file, key, receivedAt: new Date().toISOString(), ...rules };
    const [verdict] = await checkFile(request, () => undefined, signal);
    if (verdict!.status === 'refused') throw new Error(verdict!.failureMessage ?? verdict!.failureCode ?? '');
    if (addProblems(sheet, rows, verdict!)) continue;
    const onSent = (bytes: number) => onProgress(bytes / file.size);
    const versionId = await sendFile({ store, fileName, file, onProgress: onSent, signal });
    pokeStatus();
    return { fileName, versionId, rows };
  }
  return undefined;
}

/** Marks the rows that only the parser rejects. @returns true if there are some */
function addProblems(sheet: FixSheet, rows: readonly number[], { rejected }: Verdict): boolean {
  const byLine = Map.groupBy(rejected, ({ corrects }) => corrects?.line);
  let isFound = false;
  for (const row of rows) {
    const { firstFile, firstLine } = sheet.rows[row]!.entry;
    const found = byLine.get(firstLine)?.find(({ corrects }) => corrects?.file === firstFile);
    if (found === undefined) continue;
    const { column, code, message } = found;
    sheet.addProblem(row, { column, code, message });
    isFound = true;
  }
  return isFound;
}
