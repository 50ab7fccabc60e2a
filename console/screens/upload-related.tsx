import type { DecisionEntry, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { Skeleton } from '../parts/states.tsx';
import { StatusTag } from '../parts/status-tag.tsx';
import { useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';
import { nameFile } from '../upload-status.ts';

/** Files that correct this one or are corrected by it, and decisions of operators about it. */
export function Related({ upload }: { readonly upload: UploadAnswer }) {
  const { corrects, correctedBy, decisions } = upload;
  if (corrects.length + correctedBy.length + decisions.length === 0) return null;
  return (
    <section class="card stack">
      <h2>Corrections and decisions</h2>
      <ul class="related">
        {corrects.map((id) => (
          <RelatedFile key={id} id={id} kind="Corrects" />
        ))}
        {correctedBy.map((id) => (
          <RelatedFile key={id} id={id} kind="Corrected by" />
        ))}
        {decisions.map((decision) => (
          <Decision key={decision.decidedAt} decision={decision} />
        ))}
      </ul>
    </section>
  );
}

function RelatedFile({ id, kind }: { readonly id: string; readonly kind: string }) {
  const { data, isFirst } = useLive<UploadAnswer>(`/uploads/${encodeURIComponent(id)}`);
  return (
    <li>
      {isFirst && <Skeleton rows={1} />}
      {!isFirst && (
        <>
          <Icon name="files" />
          <span class="grow">
            {kind}{' '}
            <a href={hrefOf('upload', { id })}>
              <bdi>{data === undefined ? id : nameFile(data.key)}</bdi>
            </a>
          </span>
          {data !== undefined && <StatusTag upload={data} />}
        </>
      )}
    </li>
  );
}

const KINDS: Readonly<Record<DecisionEntry['kind'], string>> = {
  retract: 'The file was taken out',
  restate: 'Its rows were made the valid versions',
  waive: 'Its rejected rows need no correction',
};
const STATES: Readonly<Record<DecisionEntry['state'], string>> = {
  waiting: 'waits for the file',
  settling: 'is being applied',
  done: '',
  refused: 'was refused',
};

function Decision({
  decision: { kind, reason, by, decidedAt, state, lines },
}: {
  readonly decision: DecisionEntry;
}) {
  return (
    <li>
      <Icon name="info" />
      <span>
        {KINDS[kind]}
        {lines !== null && ` (lines ${describeLines(lines)})`}
        {STATES[state] !== '' && <strong>: {STATES[state]}</strong>}
        <small class="muted block">
          <bdi>{reason}</bdi>. <bdi>{by}</bdi>, <time dateTime={decidedAt}>{format.time(decidedAt)}</time>
        </small>
      </span>
    </li>
  );
}

/** Writes PostgreSQL's `{[2,4),[7,8)}` as `2–3, 7`. */
function describeLines(lines: string): string {
  return Array.from(lines.matchAll(/\[(\d+),(\d+)\)/g), ([, from, end]) =>
    Number(end) - Number(from) === 1 ? from : `${from}–${Number(end) - 1}`,
  ).join(', ');
}
