import { useEffect, useRef } from 'preact/hooks';
import type { UploadEntry, UploadsAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { buildUnpackedPrefix } from '../../lambdas/core/upload-key.ts';
import { get } from '../api.ts';
import { describeFailure } from '../failure-advice.ts';
import { describeFates, FATES } from '../fates.ts';
import { format } from '../format.ts';
import { hrefOfNumbers } from '../numbers-link.ts';
import { FateBar } from '../parts/fate-bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';
import { showText } from '../show-text.ts';
import type { DropItem } from './drop-queue.ts';
import { hasProblems } from './drop-verdict.tsx';

/** After this time a file that the ledger does not have is not asked for every second any more. */
const PATIENCE_MILLISECONDS = 10 * 60_000;

/** The first page has the newest 100 uploads: these are for a folder of many files. */
const MAX_OLDER_PAGES = 20;
const OLDER_MILLISECONDS = 3_000;

/** The upload of a file, and those of the files in it. */
export interface ItemFate {
  readonly upload: UploadEntry;
  readonly inner: readonly UploadEntry[];
  /** True until every row has its result. */
  readonly isLoading: boolean;
}

/** Finds the uploads of a file that was sent. */
export function findFate(item: DropItem, entries: readonly UploadEntry[]): ItemFate | undefined {
  const { state } = item;
  if (state.kind !== 'sent') return undefined;
  const upload = entries.find(({ versionId }) => versionId === state.versionId);
  if (upload === undefined) return undefined;
  const files = item.verdicts[0]?.format.files ?? 0;
  const prefix = buildUnpackedPrefix({ key: upload.key, storeId: upload.store }, upload.fileId);
  const inner = files === 0 ? [] : entries.filter(({ key }) => key.startsWith(prefix));
  const isOpen = [upload, ...inner].some(({ status }) => status === 'loading');
  return { upload, inner, isLoading: isOpen || (upload.status === 'complete' && inner.length < files) };
}

/** Counts the files that were refused. */
export function countFailed({ upload, inner }: ItemFate): number {
  return [upload, ...inner].filter(({ failure }) => failure !== null).length;
}

/** Counts the rows that are still to be corrected. */
export function countOpen({ upload, inner }: ItemFate): number {
  return [upload, ...inner].reduce((sum, { rows }) => sum + rows.open, 0);
}

/** True if every row of a file that was sent has its result, and none needs a person. */
export function isDone(item: DropItem, uploads: readonly UploadEntry[]): boolean {
  const fate = findFate(item, uploads);
  return fate !== undefined && !fate.isLoading && !needsHelp(item, uploads);
}

/** True for a file that does not go on without a person. */
export function needsHelp(item: DropItem, uploads: readonly UploadEntry[]): boolean {
  const { state, verdicts, days } = item;
  if (state.kind === 'unchecked' || state.kind === 'unsent') return true;
  // Among them is a file without a day while it is checked with one.
  if (days !== undefined && verdicts.length === 0) return true;
  if (state.kind !== 'sent')
    return verdicts.some((verdict) => verdict.status === 'refused' || hasProblems(verdict));
  const fate = findFate(item, uploads);
  return fate !== undefined && (countFailed(fate) > 0 || countOpen(fate) > 0);
}

/** Adds newer answers to the uploads that are known. */
export function mergeUploads(
  newer: readonly UploadEntry[],
  known: readonly UploadEntry[],
): readonly UploadEntry[] {
  const byId = new Map<string, UploadEntry>();
  for (const entry of [...newer, ...known]) if (!byId.has(entry.uploadId)) byId.set(entry.uploadId, entry);
  return [...byId.values()].sort((one, other) => other.receivedAt.localeCompare(one.receivedAt));
}

/** True if the ledger may soon know more about a file that was sent. */
function isAwaited(item: DropItem, uploads: readonly UploadEntry[]): boolean {
  if (item.state.kind !== 'sent') return false;
  return findFate(item, uploads)?.isLoading ?? Date.now() - item.state.at < PATIENCE_MILLISECONDS;
}

/** Follows the newest uploads of a store while a file of it loads. It draws only why it cannot. */
export function FateWatcher(props: {
  readonly store: string;
  readonly items: readonly DropItem[];
  readonly uploads: readonly UploadEntry[];
  readonly onUploads: (store: string, uploads: readonly UploadEntry[]) => void;
}) {
  const { store, items, uploads, onUploads } = props;
  const isWaiting = (known: readonly UploadEntry[]) =>
    items.some((item) => item.store === store && isAwaited(item, known));
  const { data, error, refresh } = useLive<UploadsAnswer>('/uploads', { store }, (answer) =>
    isWaiting(mergeUploads(answer.uploads, uploads)),
  );
  const isBeyond = data?.next !== undefined && isWaiting(mergeUploads(data.uploads, uploads));
  useOlder({ store, isNeeded: isBeyond, next: data?.next, onUploads });
  const sent = items.filter(({ state }) => state.kind === 'sent').length;
  useEffect(refresh, [sent]);
  useEffect(() => {
    if (data !== undefined) onUploads(store, data.uploads);
  }, [data, store, onUploads]);
  return error === undefined ? null : (
    <p class="verdict-line warn" role="status">
      <Icon name="waiting" />
      <span>{error.message} What was sent is safe, and loads after that.</span>
    </p>
  );
}

/** Reads the uploads after the first page while a file that was sent is among them. */
function useOlder(props: {
  readonly store: string;
  readonly isNeeded: boolean;
  readonly next: string | undefined;
  readonly onUploads: (store: string, uploads: readonly UploadEntry[]) => void;
}): void {
  const { store, isNeeded, onUploads } = props;
  const start = useRef(props.next);
  start.current = props.next;
  useEffect(() => {
    if (!isNeeded) return;
    const stop = new AbortController();
    const read = async () => {
      let before = start.current;
      for (let page = 0; page < MAX_OLDER_PAGES && before !== undefined && !document.hidden; page++) {
        const older: UploadsAnswer = await get<UploadsAnswer>('/uploads', { store, before }, stop.signal);
        onUploads(store, older.uploads);
        before = older.next;
      }
    };
    // The first page says what is wrong.
    const tryIt = () => void read().catch(() => {});
    tryIt();
    const timer = setInterval(tryIt, OLDER_MILLISECONDS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [store, isNeeded, onUploads]);
}

/** The results of the rows of a file that was sent. */
export function Fate({
  fate,
  verdicts,
}: { readonly fate: ItemFate | undefined } & Pick<DropItem, 'verdicts'>) {
  const isArchive = verdicts[0]?.format.files !== undefined;
  if (fate === undefined) {
    return (
      <p class="verdict-line busy" role="status">
        <span class="spinner" aria-hidden="true" /> The file has arrived. The pipeline begins to read it.
      </p>
    );
  }
  const { upload, inner, isLoading } = fate;
  const loaded = isArchive ? addCounts(inner) : upload.rows;
  const expected = verdicts.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
  const rows = isLoading ? { ...loaded, read: Math.max(expected, loaded.read) } : loaded;
  const failed = [upload, ...inner].filter(({ failure }) => failure !== null);
  const open = [upload, ...inner].filter((entry) => entry.rows.open > 0);
  const different = isArchive ? [] : [upload].filter(({ rows }) => rows.conflicting > 0);
  const days = [upload, ...inner].flatMap(({ firstDay, lastDay }) => [firstDay, lastDay]);
  return (
    <div class="verdict stack" role="status">
      <p
        class={`verdict-line ${isLoading ? 'busy' : failed.length > 0 ? 'bad' : open.length > 0 ? 'warn' : 'good'}`}
      >
        {isLoading ? (
          <span class="spinner" aria-hidden="true" />
        ) : (
          <Icon name={failed.length > 0 || open.length > 0 ? 'warning' : 'check'} />
        )}
        <strong>
          {isLoading
            ? `Loading: ${format.count(loaded.read)} of ${format.count(rows.read)} ${plural(rows.read, 'row')}`
            : describeFates(rows, format.count)}
        </strong>
      </p>
      {rows.read > 0 && <FateBar rows={rows} />}
      {!isLoading && loaded.conflicting > 0 && (
        <p class="small muted">
          {plural(loaded.conflicting, 'A row has', `${format.count(loaded.conflicting)} rows have`)} the id of
          another row, but other values. The row that came first counts.
        </p>
      )}
      {failed.map(({ uploadId, key, failure }) => (
        <p key={uploadId}>
          {isArchive && <bdi>{showText(key.split('/').at(-1)!)}: </bdi>}
          {showText(describeFailure(failure!.code, failure!.message), 1_200)}
        </p>
      ))}
      {!isLoading && (
        <p class="row">
          {open.map(({ uploadId, key, rows: { open: count } }) => (
            <a key={uploadId} class="button primary" href={hrefOf('fix', { id: uploadId })}>
              Correct {format.count(count)} {plural(count, 'row')}
              {isArchive && <bdi> of {showText(key.split('/').at(-1)!, 40)}</bdi>}
            </a>
          ))}
          {different.map(({ uploadId }) => (
            <a
              key={uploadId}
              class="button"
              href={hrefOf('fix', { id: uploadId, query: { tab: 'conflicts' } })}
            >
              Compare the values
            </a>
          ))}
          {days.some((day) => day !== null) && (
            <a
              class="button"
              href={hrefOfNumbers({ uploadId: (inner[0] ?? upload).uploadId, store: upload.store, days })}
            >
              See it in Numbers
            </a>
          )}
          <a class="button quiet" href={hrefOf('upload', { id: upload.uploadId })}>
            Details
          </a>
        </p>
      )}
    </div>
  );
}

function addCounts(uploads: readonly UploadEntry[]): UploadEntry['rows'] {
  const names = ['read', 'open', ...FATES] as const;
  const sums = names.map((name) => [name, uploads.reduce((sum, { rows }) => sum + rows[name], 0)] as const);
  return Object.fromEntries(sums) as unknown as UploadEntry['rows'];
}
