import type { UploadEntry, UploadsAnswer } from '../../lambdas/core/api-answers.ts';
import { today } from '../calendar.ts';
import { describeFates } from '../fates.ts';
import { format } from '../format.ts';
import { FateBar } from '../parts/fate-bar.tsx';
import { useKept } from '../parts/kept.ts';
import { EmptyState, ErrorState, Skeleton, StaleNote } from '../parts/states.tsx';
import { StatusTag } from '../parts/status-tag.tsx';
import { useLive } from '../poll.ts';
import { hrefOf, type Route } from '../router.ts';
import { useNamedStores } from '../stores.ts';
import { describeSource, nameFile } from '../upload-status.ts';
import { FilesFilters } from './files-filters.tsx';
import {
  changeFilter,
  type FilesFilter,
  groupByDay,
  isFiltered,
  readFilesFilter,
  toUploadsQuery,
} from './files-query.ts';

/** Uploads, the newest first. */
export function Files({ route }: { readonly route: Route }) {
  const filter = readFilesFilter(route.query);
  const { data, error, isFirst, isOld, refresh } = useKept(
    useLive<UploadsAnswer>('/uploads', toUploadsQuery(filter), isMoving),
  );
  useNamedStores(data?.uploads);
  return (
    <>
      <div class="head">
        <h1>Files</h1>
        <a class="button primary" href={hrefOf('drop')}>
          Send files
        </a>
      </div>
      <FilesFilters filter={filter} />
      <StaleNote error={data === undefined ? undefined : error} />
      {isFirst && <Skeleton rows={8} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {/* Without files, the old answer says nothing about the new question. */}
      {data?.uploads.length === 0 && (isOld ? <Skeleton rows={8} /> : <NoFiles filter={filter} />)}
      {data !== undefined && data.uploads.length > 0 && (
        <FileTable uploads={data.uploads} code={filter.code} isOld={isOld} />
      )}
      {data !== undefined && <Pages filter={filter} next={isOld ? undefined : data.next} />}
    </>
  );
}

function isMoving({ uploads }: UploadsAnswer): boolean {
  return uploads.some(({ status }) => status === 'loading');
}

function NoFiles({ filter }: { readonly filter: FilesFilter }) {
  if (filter.before !== '' || isFiltered(filter)) {
    return (
      <EmptyState icon="search" title="No file matches">
        <a class="button" href={hrefOf('files')}>
          Show all files
        </a>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="files" title="No files yet">
      <p>Send the export of your till or shop system. You see its rows here after a moment.</p>
      <a class="button primary" href={hrefOf('drop')}>
        Send a file
      </a>
    </EmptyState>
  );
}

interface TableProps {
  readonly uploads: readonly UploadEntry[];
  /** Reject code that the page of a file begins with. */
  readonly code: string;
  readonly isOld: boolean;
}

function FileTable({ uploads, code, isOld }: TableProps) {
  return (
    <div class="table-box files" aria-busy={isOld}>
      <table>
        <caption class="visually-hidden">Files, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Store</th>
            <th scope="col">Arrived</th>
            <th scope="col">Rows</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        {groupByDay(uploads, today).map(({ day, entries }) => (
          <tbody key={day}>
            <tr class="files-day">
              <th scope="rowgroup" colSpan={5}>
                {format.longDay(day)}
              </th>
            </tr>
            {entries.map((upload) => (
              <FileRow key={upload.uploadId} upload={upload} code={code} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function FileRow({ upload, code }: { readonly upload: UploadEntry; readonly code: string }) {
  const { uploadId, key, store, rows, status, receivedAt } = upload;
  const source = describeSource(key);
  const isCounted = status !== 'failed' || rows.read > 0;
  return (
    <tr>
      <th scope="row" class="files-name">
        <a href={hrefOf('upload', { id: uploadId, query: { code } })}>
          <bdi>{nameFile(key)}</bdi>
        </a>
        {source !== undefined && <small>{source}</small>}
      </th>
      <td class="files-store">
        <bdi>{store}</bdi>
      </td>
      <td class="files-time">
        <time dateTime={receivedAt} title={format.time(receivedAt)}>
          {format.clock(receivedAt)}
        </time>
      </td>
      <td class="files-rows">
        {isCounted && (
          <>
            <FateBar rows={rows} />
            <small aria-hidden="true">{describeFates(rows, format.count)}</small>
          </>
        )}
      </td>
      <td class="files-result">
        <StatusTag upload={upload} />
      </td>
    </tr>
  );
}

function Pages({ filter, next }: { readonly filter: FilesFilter; readonly next: string | undefined }) {
  if (filter.before === '' && next === undefined) return null;
  return (
    <nav class="row" aria-label="Pages">
      {filter.before !== '' && (
        <a class="button" href={hrefOf('files', { query: changeFilter(filter, {}) })}>
          Newest files
        </a>
      )}
      {next !== undefined && (
        <a class="button" href={hrefOf('files', { query: changeFilter(filter, { before: next }) })}>
          Older files
        </a>
      )}
    </nav>
  );
}
