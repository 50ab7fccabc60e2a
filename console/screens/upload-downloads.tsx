import { useState } from 'preact/hooks';
import type { RejectCodesAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { type ApiError, get } from '../api.ts';
import { buildFileName } from '../csv-text.ts';
import { format } from '../format.ts';
import { downloadText } from '../parts/chart-table.tsx';
import { Icon } from '../parts/icon.tsx';
import { announce } from '../parts/toast.tsx';
import { writeResult } from '../result-text.ts';
import { nameFile } from '../upload-status.ts';
import { readRejectedCsv } from './upload-rejects.ts';

/** Files about a file: its rejected rows, and its result. */
export function Downloads({ upload }: { readonly upload: UploadAnswer }) {
  const { rows, header, status } = upload;
  const [done, setDone] = useState<number>();
  if (status === 'loading') return null;
  const stem = nameFile(upload.key).replace(/\.[A-Za-z]{2,6}$/, '');
  const run = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      announce((error as ApiError).message, 'problem');
    } finally {
      setDone(undefined);
    }
  };
  const downloadRejects = async () => {
    setDone(0);
    const { csv, cutRows } = await readRejectedCsv(upload, setDone);
    downloadText(buildFileName([stem, 'rejected'], 'csv'), csv, 'text/csv');
    if (cutRows > 0) {
      announce(
        `${format.count(cutRows)} very long ${plural(cutRows, 'row is', 'rows are')} not complete in the CSV.`,
        'problem',
      );
    }
  };
  const downloadResult = async () => {
    const path = `/uploads/${encodeURIComponent(upload.uploadId)}/reject-codes`;
    const { codes } = rows.rejected === 0 ? { codes: [] } : await get<RejectCodesAnswer>(path);
    downloadText(buildFileName([stem, 'result'], 'txt'), writeResult(upload, codes, format), 'text/plain');
  };
  return (
    <section class="card stack">
      <h2>Downloads</h2>
      {rows.rejected > 0 && header !== null && (
        <button type="button" disabled={done !== undefined} onClick={() => run(downloadRejects)}>
          <Icon name="download" />
          {done === undefined ? 'Rejected rows as CSV' : `Reading row ${format.count(done)}…`}
        </button>
      )}
      <button type="button" onClick={() => run(downloadResult)}>
        <Icon name="download" />
        Result as text
      </button>
      {rows.rejected > 0 && header !== null && (
        <p class="muted small">
          Correct the rows in a spreadsheet, keep the first columns, and send the file here.
        </p>
      )}
    </section>
  );
}
