import { useState } from 'preact/hooks';
import type { RejectState, RejectsAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { format } from '../format.ts';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { nameRejectCode } from '../reject-names.ts';
import { hrefOf } from '../router.ts';
import { showText } from '../show-text.ts';
import { Pages } from './fix-pages.tsx';

type Settled = Exclude<RejectState, 'open'>;

const STATES: Readonly<Record<Settled, { readonly label: string; readonly meaning: string }>> = {
  corrected: { label: 'Corrected', meaning: 'Another file has the corrected row.' },
  waived: { label: 'Waived', meaning: 'An operator decided that the row needs no correction.' },
  retracted: { label: 'Retracted', meaning: 'An operator took the whole file back.' },
  settled: { label: 'Settled', meaning: 'A later reading of the file accepted the row.' },
  repeated: { label: 'Repeated', meaning: 'A later upload of the file has the same row: it counts there.' },
};

/** Rejected rows that need no correction any more. */
export function SettledRows({ upload }: { readonly upload: UploadAnswer }) {
  const [state, setState] = useState<Settled>('corrected');
  const [starts, setStarts] = useState<readonly number[]>([]);
  const path = `/uploads/${encodeURIComponent(upload.uploadId)}/rejects`;
  const { data, error, isFirst, refresh } = useLive<RejectsAnswer>(path, { state, after: starts.at(-1) });
  const { label, meaning } = STATES[state];
  return (
    <section class="stack">
      <div class="row">
        <label class="row">
          <span class="muted">State</span>
          <select
            value={state}
            onChange={({ currentTarget }) => {
              setState(currentTarget.value as Settled);
              setStarts([]);
            }}
          >
            {Object.entries(STATES).map(([name, text]) => (
              <option key={name} value={name}>
                {text.label}
              </option>
            ))}
          </select>
        </label>
        <p class="muted">{meaning}</p>
      </div>
      {isFirst && <Skeleton rows={5} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data?.rejects.length === 0 && <EmptyState title={`No row is in the state “${label}”`} />}
      {data !== undefined && data.rejects.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a person without a mouse scrolls it by the keys
        <section class="table-box" aria-label={label} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col" class="number">
                  Line
                </th>
                <th scope="col">Problem</th>
                <th scope="col">In the file</th>
                {state === 'corrected' && <th scope="col">By</th>}
              </tr>
            </thead>
            <tbody>
              {data.rejects.map(({ line, code, message, text, correctedBy }) => (
                <tr key={line}>
                  <td class="number">{format.count(line)}</td>
                  <td title={showText(message, 1_000)}>{nameRejectCode(code)}</td>
                  <td class="mono">
                    <bdi class="clamp">{showText(text, 200)}</bdi>
                  </td>
                  {state === 'corrected' && (
                    <td>{correctedBy && <a href={hrefOf('upload', { id: correctedBy })}>File</a>}</td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <Pages starts={starts} next={data?.next} onStarts={setStarts} />
    </section>
  );
}
