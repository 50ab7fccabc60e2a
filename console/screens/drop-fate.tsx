import { useEffect } from 'preact/hooks';
import type { UploadEntry, UploadsAnswer } from '../../lambdas/core/api-answers.ts';
import { buildUnpackedPrefix } from '../../lambdas/core/upload-key.ts';
import { adviseFailure } from '../failure-advice.ts';
import { describeFates, FATES, type RowCounts } from '../fates.ts';
import { format } from '../format.ts';
import { FateBar } from '../parts/fate-bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';
import { showText } from '../show-text.ts';
import { type DropItem, keyOf } from './drop-queue.ts';

/** How far the clocks of this computer and of the storage may differ. */
const CLOCK_MILLISECONDS = 10 * 60_000;
/** After this time a file that the ledger does not have is not asked for every second any more. */
const PATIENCE_MILLISECONDS = 10 * 60_000;

/** The upload of a file, and those of the files in it. */
export interface ItemFate {
  readonly upload: UploadEntry;
  readonly inner: readonly UploadEntry[];
  /** True until every row has its result. */
  readonly isLoading: boolean;
}

/** Finds the uploads of a file that was sent. */
export function findFate(item: DropItem, entries: readonly UploadEntry[]): ItemFate | undefined {
  if (item.state.kind !== 'sent') return undefined;
  const earliest = item.state.at - CLOCK_MILLISECONDS;
  const known = new Set(item.known.map(({ uploadId }) => uploadId));
  const upload = entries.find(
    ({ key, uploadId, receivedAt }) =>
      key === keyOf(item) && !known.has(uploadId) && Date.parse(receivedAt) > earliest,
  );
  if (upload === undefined) return undefined;
  const files = item.verdicts[0]?.format.files ?? 0;
  const prefix = buildUnpackedPrefix({ key: upload.key, storeId: upload.store }, upload.fileId);
  const inner = files === 0 ? [] : entries.filter(({ key }) => key.startsWith(prefix));
  const isOpen = [upload, ...inner].some(({ status }) => status === 'loading');
  return { upload, inner, isLoading: isOpen || (upload.status === 'complete' && inner.length < files) };
}

/** Follows the newest uploads of a store while a file of it loads. It draws only why it cannot. */
export function FateWatcher(props: {
  readonly store: string;
  readonly items: readonly DropItem[];
  readonly onUploads: (store: string, uploads: readonly UploadEntry[]) => void;
}) {
  const { store, items, onUploads } = props;
  const isWaiting = (uploads: readonly UploadEntry[]) =>
    items.some((item) => {
      if (item.state.kind !== 'sent' || item.store !== store) return false;
      const fate = findFate(item, uploads);
      return fate?.isLoading ?? Date.now() - item.state.at < PATIENCE_MILLISECONDS;
    });
  const { data, error, refresh } = useLive<UploadsAnswer>('/uploads', { store }, ({ uploads }) =>
    isWaiting(uploads),
  );
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
            ? `Loading: ${format.count(loaded.read)} of ${format.count(rows.read)} rows`
            : describeFates(rows, format.count)}
        </strong>
      </p>
      {rows.read > 0 && <FateBar rows={rows} />}
      {failed.map(({ uploadId, key, failure }) => (
        <p key={uploadId}>
          {isArchive && <bdi>{showText(key.split('/').at(-1)!)}: </bdi>}
          {showText(failure!.message, 1_000)} {adviseFailure(failure!.code)}
        </p>
      ))}
      {!isLoading && (
        <p class="row">
          {open.map(({ uploadId, key, rows: { open: count } }) => (
            <a key={uploadId} class="button primary" href={hrefOf('fix', { id: uploadId })}>
              Correct {format.count(count)} {count === 1 ? 'row' : 'rows'}
              {isArchive && <bdi> of {showText(key.split('/').at(-1)!, 40)}</bdi>}
            </a>
          ))}
          <a class="button" href={hrefOf('upload', { id: upload.uploadId })}>
            Details
          </a>
        </p>
      )}
    </div>
  );
}

function addCounts(uploads: readonly UploadEntry[]): RowCounts {
  const names = ['read', ...FATES] as const;
  const sums = names.map((name) => [name, uploads.reduce((sum, { rows }) => sum + rows[name], 0)] as const);
  return Object.fromEntries(sums) as RowCounts;
}
