import { useState } from 'preact/hooks';
import type { ConflictsAnswer, TransactionValues, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { format } from '../format.ts';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';
import { showText } from '../show-text.ts';
import { Pages } from './fix-pages.tsx';

const VALUES: readonly {
  readonly name: keyof TransactionValues;
  readonly title: string;
  readonly isNumber?: true;
}[] = [
  { name: 'day', title: 'Day' },
  { name: 'category', title: 'Category' },
  { name: 'product', title: 'Product' },
  { name: 'quantity', title: 'Quantity', isNumber: true },
  { name: 'amountExclTax', title: 'Without tax', isNumber: true },
  { name: 'amountIncTax', title: 'With tax', isNumber: true },
  { name: 'store', title: 'Store' },
];

/** Rows whose ids are in the table with other values: both versions, one below the other. */
export function Conflicts({ upload }: { readonly upload: UploadAnswer }) {
  const [starts, setStarts] = useState<readonly number[]>([]);
  const path = `/uploads/${encodeURIComponent(upload.uploadId)}/conflicts`;
  const { data, error, isFirst, refresh } = useLive<ConflictsAnswer>(path, { after: starts.at(-1) });
  if (isFirst) return <Skeleton rows={5} />;
  if (data === undefined) return <ErrorState error={error} onRetry={refresh} />;
  if (data.conflicts.length === 0) {
    return (
      <EmptyState icon="check" title="No conflicts">
        <p>Every id of this file is new, or has the same values in the table.</p>
      </EmptyState>
    );
  }
  return (
    <section class="stack">
      <p>
        The table has other values for these ids. The version that came first stays until an operator decides.
        To make the version of this file valid, run in a terminal:
      </p>
      <pre class="command">
        <code>retail restate {upload.uploadId} --reason "…"</code>
      </pre>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a person without a mouse scrolls it by the keys */}
      <section class="table-box" aria-label="Both versions" tabIndex={0}>
        <table class="versions">
          <thead>
            <tr>
              <th scope="col">Version</th>
              {VALUES.map(({ name, title, isNumber }) => (
                <th key={name} scope="col" class={isNumber && 'number'}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          {data.conflicts.map(({ id, line, here, kept }) => (
            <tbody key={`${id} ${line}`}>
              <tr>
                <th scope="row">In this file, line {format.count(line)}</th>
                <Version values={here} other={kept} />
              </tr>
              <tr>
                <th scope="row">
                  {kept === null ? (
                    'In the table'
                  ) : kept.origin === null ? (
                    'In the table'
                  ) : (
                    <>
                      In the table, from{' '}
                      <a
                        href={hrefOf('upload', {
                          id: kept.origin.uploadId,
                          query: { line: String(kept.origin.line) },
                        })}
                      >
                        <bdi>{showText(kept.origin.key.split('/').at(-1)!, 60)}</bdi>, line{' '}
                        {format.count(kept.origin.line)}
                      </a>
                    </>
                  )}
                </th>
                {kept === null ? (
                  <td colSpan={VALUES.length} class="muted">
                    It was taken out, or belongs to a store that you may not read.
                  </td>
                ) : (
                  <Version values={kept} other={here} />
                )}
              </tr>
            </tbody>
          ))}
        </table>
      </section>
      <Pages starts={starts} next={data.next} onStarts={setStarts} />
    </section>
  );
}

/** The values of a version. Those that the other one does not have are marked. */
function Version({
  values,
  other,
}: {
  readonly values: TransactionValues;
  readonly other: TransactionValues | null;
}) {
  return (
    <>
      {VALUES.map(({ name, isNumber }) => {
        const isDifferent = other !== null && values[name] !== other[name];
        const text = showText(formatValue(name, values[name]), 120);
        return (
          <td key={name} class={isNumber && 'number'}>
            {isDifferent ? <mark>{text}</mark> : <bdi>{text}</bdi>}
          </td>
        );
      })}
    </>
  );
}

function formatValue(name: keyof TransactionValues, value: string): string {
  if (name === 'day') return format.day(value);
  if (name === 'quantity') return format.quantity(value);
  return name === 'amountExclTax' || name === 'amountIncTax' ? format.amount(value) : value;
}
