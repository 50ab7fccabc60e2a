import type { RejectedEntry, RejectsAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import { get } from '../api.ts';

/** The maximum of the API. */
const PAGE_ROWS = 1_000;

/**
 * Writes the rejected rows of an upload as the CSV that can be corrected and sent again.
 * @param onProgress is told how many rows were read
 * @throws {ApiError}
 */
export async function readRejectedCsv(
  upload: UploadAnswer,
  onProgress: (rows: number) => void,
): Promise<string> {
  const csv = new RejectedCsv(upload.header ?? '', upload.fileId, upload.format ?? {});
  const path = `/uploads/${encodeURIComponent(upload.uploadId)}/rejects`;
  const lines = [csv.formatHeader()];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: RejectsAnswer = await get<RejectsAnswer>(path, { after, limit: PAGE_ROWS });
    lines.push(...page.rejects.map((entry) => csv.formatRow(toRow(entry))));
    onProgress(lines.length - 1);
    after = page.next;
  }
  return lines.join('');
}

function toRow({ line, field, code, message, text, firstFile, firstLine }: RejectedEntry) {
  return { line, column: field, code, message, text, corrects: { file: firstFile, line: firstLine } };
}
