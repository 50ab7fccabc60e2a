import type { UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { buildReceiptKey } from '../../lambdas/core/upload-key.ts';
import { describeFormat } from '../describe-format.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../router.ts';

/** Days, times and ids of a file. */
export function Facts({ upload }: { readonly upload: UploadAnswer }) {
  const { store, fileId, firstDay, lastDay, receivedAt, completedAt } = upload;
  const fileName = upload.key.split('/').at(-1)!;
  const seconds = completedAt === null ? undefined : Date.parse(completedAt) - Date.parse(receivedAt);
  return (
    <section class="card stack">
      <h2>About the file</h2>
      <dl class="facts">
        <dt>Days</dt>
        <dd>
          {firstDay === null || lastDay === null ? (
            'No valid rows'
          ) : (
            <a href={hrefOf('numbers', { query: { store, since: firstDay, until: lastDay } })}>
              {firstDay === lastDay
                ? format.longDay(firstDay)
                : `${format.day(firstDay)} to ${format.day(lastDay)}`}
            </a>
          )}
        </dd>
        <dt>Finished</dt>
        <dd>
          {completedAt === null ? (
            'Not yet'
          ) : (
            <>
              <time dateTime={completedAt}>{format.time(completedAt)}</time>
              {seconds !== undefined && seconds >= 0 && <small>after {format.duration(seconds)}</small>}
            </>
          )}
        </dd>
      </dl>
      <details>
        <summary>For the operator</summary>
        <dl class="facts">
          <dt>Object</dt>
          <dd class="mono">
            <bdi>{upload.key}</bdi>
          </dd>
          <dt>Upload</dt>
          <dd class="mono">{upload.uploadId}</dd>
          <dt>File</dt>
          <dd class="mono">{fileId}</dd>
          {completedAt !== null && (
            <>
              <dt>Receipt</dt>
              <dd class="mono">
                <bdi>{buildReceiptKey({ storeId: store, fileName, fileId }, 1, 'txt')}</bdi>
              </dd>
            </>
          )}
          <dt>Parser</dt>
          <dd class="mono">{upload.parserRevision || 'unknown'}</dd>
        </dl>
      </details>
    </section>
  );
}

/** What the parser detected in the file. */
export function Findings({ upload }: { readonly upload: UploadAnswer }) {
  if (upload.format === null) return null;
  return (
    <section class="card stack">
      <h2>How the file was read</h2>
      <ul class="findings">
        {describeFormat(upload.format).map(({ kind, text }) => (
          <li key={text} class={kind === 'notice' ? 'warn' : undefined}>
            <Icon name={kind === 'notice' ? 'warning' : 'check'} />
            <bdi>{text}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
