import type { UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { format } from '../format.ts';
import { hrefOfNumbers } from '../numbers-link.ts';
import { EmptyState } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';

/** Nothing is left to correct: the way to the corrected rows in the charts. */
export function NothingLeft({ upload }: { readonly upload: UploadAnswer }) {
  const { uploadId, rows, store, correctedBy } = upload;
  const corrections = correctedBy.at(-1);
  const { data } = useLive<UploadAnswer>(corrections && `/uploads/${encodeURIComponent(corrections)}`);
  const shown = data ?? upload;
  const days = [shown.firstDay, shown.lastDay];
  return (
    <EmptyState icon="check" title="0 left">
      <p>
        {rows.rejected === 0
          ? 'No row of this file was rejected.'
          : `Nothing is left to correct: ${plural(rows.rejected, 'the rejected row is', `all ${format.count(rows.rejected)} rejected rows are`)} done.`}
      </p>
      <p class="row">
        <a class="button primary" href={hrefOfNumbers({ uploadId: shown.uploadId, store, days })}>
          See it in Numbers
        </a>
        <a class="button" href={hrefOf('upload', { id: uploadId })}>
          Look at the file
        </a>
        <a class="button" href={hrefOf('drop')}>
          Send another file
        </a>
      </p>
    </EmptyState>
  );
}
