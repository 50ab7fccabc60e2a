import type { RejectCodesAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';

import { format } from '../format.ts';
import { BarList } from '../parts/chart-bars.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { nameRejectCode } from '../reject-names.ts';
import { hrefOf } from '../router.ts';

/** Rejected rows of a file by reason. */
export function RejectReasons({
  upload,
  chosen,
}: {
  readonly upload: UploadAnswer;
  /** Reject code that is marked. */
  readonly chosen: string | undefined;
}) {
  const { rows, uploadId } = upload;
  if (rows.rejected === 0) return null;
  return <Reasons uploadId={uploadId} rejected={rows.rejected} open={rows.open} chosen={chosen} />;
}

interface Props {
  readonly uploadId: string;
  readonly rejected: number;
  readonly open: number;
  readonly chosen: string | undefined;
}

function Reasons({ uploadId, rejected, open, chosen }: Props) {
  const path = `/uploads/${encodeURIComponent(uploadId)}/reject-codes`;
  const { data, error, isFirst, refresh } = useLive<RejectCodesAnswer>(path);
  return (
    <section class="card stack">
      <h2>Problems by reason</h2>
      <p class="muted">
        {format.count(rejected)} {plural(rejected, 'row')}, of which {format.count(open)}{' '}
        {plural(open, 'is', 'are')} still open.
      </p>
      {isFirst && <Skeleton rows={2} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && (
        <BarList
          label="Rejected rows by reason"
          style="rejected"
          items={data.codes.map(({ code, field, rows, open }) => ({
            key: `${code} ${field}`,
            name: field === '' ? nameRejectCode(code) : `${field}: ${nameRejectCode(code)}`,
            size: rows,
            value: format.count(rows),
            detail: open === 0 ? 'all settled' : `${format.count(open)} open`,
            href: hrefOf('fix', { id: uploadId, query: { code } }),
            isChosen: code === chosen,
          }))}
        />
      )}
    </section>
  );
}
