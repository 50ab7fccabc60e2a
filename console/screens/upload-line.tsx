import type { RejectsAnswer, TransactionsAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { format } from '../format.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { useLive } from '../poll.ts';

interface Props {
  readonly upload: UploadAnswer;
  readonly line: string;
}

/** One line of the file: the transaction that it became, or why it was rejected. */
export function SourceLine({ upload, line }: Props) {
  const number = Number(line);
  if (!Number.isSafeInteger(number) || number < 1) return null;
  return (
    <section class="card stack source-line" aria-label={`Line ${number} of the file`}>
      <h2>Line {format.count(number)} of the file</h2>
      <Line uploadId={upload.uploadId} line={number} />
    </section>
  );
}

function Line({ uploadId, line }: { readonly uploadId: string; readonly line: number }) {
  const found = useLive<TransactionsAnswer>('/transactions', { upload: uploadId, line });
  const rejects = useLive<RejectsAnswer>(`/uploads/${encodeURIComponent(uploadId)}/rejects`, {
    after: line - 1,
    limit: 1,
  });
  const row = found.data?.transactions.find(({ origin }) => origin?.line === line);
  const reject = rejects.data?.rejects.find((entry) => entry.line === line);
  const error = found.error ?? rejects.error;
  if (row !== undefined) {
    return (
      <dl class="facts facts-wide">
        <Fact name="Day" value={format.day(row.day)} />
        <Fact name="Category" value={row.category} />
        <Fact name="Product" value={row.product} />
        <Fact name="Quantity" value={format.quantity(row.quantity)} />
        <Fact name="Amount without tax" value={format.amount(row.amountExclTax)} />
        <Fact name="Amount with tax" value={format.amount(row.amountIncTax)} />
        <Fact name="Id" value={row.id} />
      </dl>
    );
  }
  if (reject !== undefined) {
    return (
      <>
        <p>{reject.message}</p>
        <pre class="source-text">
          <bdi>{reject.text}</bdi>
        </pre>
      </>
    );
  }
  if (error !== undefined) return <ErrorState error={error} />;
  if (found.isFirst || rejects.isFirst) return <Skeleton rows={2} />;
  return <p>The table has no row from this line. It may be a duplicate, or another version replaced it.</p>;
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}
