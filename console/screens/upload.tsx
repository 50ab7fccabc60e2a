import type { UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { describeFailure } from '../failure-advice.ts';
import type { Fate } from '../fates.ts';
import { format } from '../format.ts';
import { FateBar, FateLegend } from '../parts/fate-bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { ErrorState, Skeleton, StaleNote } from '../parts/states.tsx';
import { StatusTag } from '../parts/status-tag.tsx';
import { useLive } from '../poll.ts';
import { hrefOf, type Route } from '../router.ts';
import { describeSource, nameFile } from '../upload-status.ts';
import { Downloads } from './upload-downloads.tsx';
import { Facts, Findings } from './upload-facts.tsx';
import { SourceLine } from './upload-line.tsx';
import { RejectReasons } from './upload-reasons.tsx';
import { Related } from './upload-related.tsx';

/** One file: what was found in it, and the results of its rows. */
export function Upload({ route }: { readonly route: Route }) {
  const path = `/uploads/${encodeURIComponent(route.id ?? '')}`;
  const { data, error, isFirst, refresh } = useLive<UploadAnswer>(path, {}, isLoading);
  return (
    <>
      <nav aria-label="Path">
        <a class="button quiet" href={hrefOf('files')}>
          <Icon name="left" /> Files
        </a>
      </nav>
      {isFirst && <Skeleton rows={6} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && (
        <>
          <Head upload={data} />
          <StaleNote error={error} />
          {route.query.line !== undefined && <SourceLine upload={data} line={route.query.line} />}
          <div class="columns">
            <div class="stack">
              <Outcome upload={data} code={route.query.code} />
              <Rows upload={data} />
              <RejectReasons upload={data} chosen={route.query.code} />
              <Related upload={data} />
            </div>
            <div class="stack">
              <Facts upload={data} />
              <Findings upload={data} />
              <Downloads upload={data} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function isLoading({ status }: UploadAnswer): boolean {
  return status === 'loading';
}

function Head({ upload }: { readonly upload: UploadAnswer }) {
  const source = describeSource(upload.key);
  return (
    <div class="head file-head">
      <div class="grow">
        <h1 class="file-name">
          <bdi>{nameFile(upload.key)}</bdi>
        </h1>
        <p class="muted">
          Store <bdi>{upload.store}</bdi>
          {source !== undefined && `, ${source}`}, arrived{' '}
          <time dateTime={upload.receivedAt}>{format.time(upload.receivedAt)}</time>
        </p>
      </div>
      <div role="status">
        <StatusTag upload={upload} />
      </div>
    </div>
  );
}

/** What happened in a sentence, and what to do now. */
function Outcome({ upload, code }: { readonly upload: UploadAnswer; readonly code: string | undefined }) {
  const { status, failure, rows, uploadId } = upload;
  if (status === 'failed') {
    return (
      <section class="card notice bad">
        <h2>
          <Icon name="cross" /> The file was refused
        </h2>
        <p>{describeFailure(failure?.code, failure?.message)}</p>
        <p class="muted small">
          {rows.inserted > 0
            ? `${format.count(rows.inserted)} ${plural(rows.inserted, 'row was', 'rows were')} loaded before that.`
            : 'None of its rows was loaded.'}{' '}
          Code: <code>{failure?.code}</code>
        </p>
        <a class="button primary" href={hrefOf('drop')}>
          Send another file
        </a>
      </section>
    );
  }
  if (rows.open > 0) {
    const noun = plural(rows.open, 'row');
    return (
      <section class="card notice warn">
        <h2>
          <Icon name="warning" /> {format.count(rows.open)} {noun} to correct
        </h2>
        <p>All other rows are safe. Correct these here: each change is checked at once.</p>
        <a class="button primary" href={hrefOf('fix', { id: uploadId, query: { code } })}>
          Correct {format.count(rows.open)} {noun}
        </a>
      </section>
    );
  }
  return null;
}

function Rows({ upload }: { readonly upload: UploadAnswer }) {
  const { rows, status, uploadId } = upload;
  if (status === 'failed' && rows.read === 0) return null;
  const targets: Partial<Record<Fate, string>> = {
    rejected: hrefOf('fix', { id: uploadId }),
    conflicting: hrefOf('fix', { id: uploadId, query: { tab: 'conflicts' } }),
  };
  return (
    <section class="card stack">
      <h2>
        {status === 'loading'
          ? `Loading: ${format.count(rows.read)} ${plural(rows.read, 'row')} so far`
          : 'Results of the rows'}
      </h2>
      <FateBar rows={rows} isLarge />
      <FateLegend rows={rows} hrefOf={(fate) => targets[fate]} />
    </section>
  );
}
