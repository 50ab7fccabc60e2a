import type { RejectedEntry, RejectsAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import { get } from '../api.ts';

/** The maximum of the API. */
const PAGE_ROWS = 1_000;

/**
 * Writes the rejected rows of an upload as the CSV that can be corrected and sent again.
 * @param onProgress is told how many rows were read
 * @returns the CSV, and the number of rows of which it has only the beginning
 * @throws {ApiError}
 */
export async function readRejectedCsv(
  upload: UploadAnswer,
  onProgress: (rows: number) => void,
): Promise<{ readonly csv: string; readonly cutRows: number }> {
  const writer = new RejectedCsv(upload.header ?? '', upload.fileId, upload.format ?? {});
  const path = `/uploads/${encodeURIComponent(upload.uploadId)}/rejects`;
  const lines = [writer.formatHeader()];
  let cutRows = 0;
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: RejectsAnswer = await get<RejectsAnswer>(path, { after, limit: PAGE_ROWS });
    lines.push(...page.rejects.map((entry) => writer.formatRow(toRow(entry))));
    cutRows += page.rejects.filter(({ isCut }) => isCut).length;
    onProgress(lines.length - 1);
    after = page.next;
  }
  return { csv: lines.join(''), cutRows };
}

function toRow({ line, field, code, message, text, firstFile, firstLine }: RejectedEntry) {
  return { line, column: field, code, message, text, corrects: { file: firstFile, line: firstLine } };
}
