import type { RejectsAnswer, RulesAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { get } from '../api.ts';
import { pokeStatus } from '../poll.ts';
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
 * Sends the corrections that break no rule as one file. The parser judges the file before: a row that it would reject
 * stays in the sheet with its reason.
 * @returns undefined if none of them is left
 * @throws {Error} if the file as a whole would be refused, or did not arrive
 */
export async function sendCorrections(sending: Sending): Promise<SentCorrections | undefined> {
  const { upload, sheet, rules, onProgress, signal } = sending;
  const { store } = upload;
  const { fileName } = sheet;
  const key = buildUploadKey({ storeId: store, fileName });
  for (let rows = [...sheet.ready]; rows.length > 0; rows = [...sheet.ready]) {
    const file = new Blob([sheet.writeCsv(rows)], { type: 'text/csv' });
    const request = { file, key, receivedAt: new Date().toISOString(), ...rules };
    const [verdict] = await checkFile(request, () => undefined, signal);
    if (verdict!.status === 'refused') throw new Error(verdict!.failureMessage ?? verdict!.failureCode ?? '');
    const found = verdict!.rejected.flatMap(({ corrects, column, code, message }) =>
      corrects === undefined ? [] : [{ ...corrects, problem: { column, code, message } }],
    );
    if (found.length > 0) {
      sheet.addProblems(found);
      continue;
    }
    const onSent = (bytes: number) => onProgress(bytes / file.size);
    const versionId = await sendFile({ store, fileName, file, onProgress: onSent, signal });
    pokeStatus();
    return { fileName, versionId, rows };
  }
  return undefined;
}
