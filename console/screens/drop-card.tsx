import type { UploadEntry } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../router.ts';
import { showText } from '../show-text.ts';
import { DayField, hasDayField, needsDay } from './drop-day.tsx';
import { countFailed, countOpen, Fate, findFate, type ItemFate } from './drop-fate.tsx';
import {
  cancelSending,
  canSend,
  checkAgain,
  type DropItem,
  hasTwin,
  isRefused,
  removeItem,
  sendItems,
} from './drop-queue.ts';
import { formatBytes } from './drop-size.ts';
import { ArchiveVerdict, FileVerdict, hasProblems, listProblems } from './drop-verdict.tsx';

interface Props {
  readonly item: DropItem;
  /** Newest uploads of the store of the file. */
  readonly uploads: readonly UploadEntry[];
  readonly maySend: boolean;
}

/** A file that was dropped, from its check to its rows in the table. */
export function DropCard({ item, uploads, maySend }: Props) {
  const { id, file, path, store, fileName, day, state, verdicts } = item;
  const [first, ...inner] = verdicts;
  const isArchive = first?.format.files !== undefined;
  const isSent = state.kind === 'sent';
  const isReady = maySend && canSend(item);
  const fate = findFate(item, uploads);
  return (
    <article class="card stack drop-card" aria-label={showText(file.name, 80)}>
      <header class="row">
        <Icon name="files" />
        <div class="grow">
          <h2 class="ellipsis">
            <bdi title={showText(path)}>{showText(file.name, 120)}</bdi>
          </h2>
          <p class="small muted">
            {formatBytes(file.size)} · store {showText(store, 63)}
          </p>
        </div>
        <StateTag item={item} fate={fate} />
        {state.kind !== 'sending' && (
          <button
            type="button"
            class="quiet"
            aria-label={`${isSent ? 'Hide' : 'Remove'} ${showText(file.name, 80)}`}
            onClick={() => removeItem(id)}
          >
            <Icon name="cross" />
          </button>
        )}
      </header>
      {hasDayField(item) && <DayField item={item} />}
      {(state.kind === 'queued' || state.kind === 'checking') && <Checking item={item} />}
      {state.kind === 'unchecked' && (
        <ErrorLine message={state.message} action="Check again" onAction={() => checkAgain(id)} />
      )}
      {!isSent &&
        first !== undefined &&
        !needsDay(item) &&
        (isArchive ? <ArchiveVerdict verdicts={inner} /> : <FileVerdict verdict={first} />)}
      <Known item={item} />
      {fileName !== file.name && !hasDayField(item) && (
        <p class="verdict-line small muted">
          <Icon name="info" />
          <span>
            {day === undefined ? 'The name has invisible characters. The file is sent as' : 'Sent as'}{' '}
            <bdi>{showText(fileName, 200)}</bdi>.
          </span>
        </p>
      )}
      {state.kind === 'unsent' && (
        <ErrorLine message={state.message} action="Send again" onAction={() => sendItems([id])} />
      )}
      {(state.kind === 'sending' || state.kind === 'ready-to-send') && <Sending item={item} />}
      {isReady && state.kind === 'checked' && (
        <p class="row">
          <button type="button" class="primary" onClick={() => sendItems([id])}>
            <Icon name="send" /> Send
          </button>
          {verdicts.some(hasProblems) && (
            <span class="small muted">
              {verdicts.some(({ rowsRejected }) => rowsRejected > 0)
                ? 'The rows to correct wait for you after that.'
                : 'The values can be compared after that.'}
            </span>
          )}
        </p>
      )}
      {isSent && <Fate fate={fate} verdicts={verdicts} />}
    </article>
  );
}

function StateTag({ item, fate }: { readonly item: DropItem; readonly fate: ItemFate | undefined }) {
  const { state, verdicts } = item;
  if (state.kind === 'sent') {
    if (fate !== undefined && countFailed(fate) > 0) return <span class="tag bad">Refused</span>;
    const left = fate === undefined ? 0 : countOpen(fate);
    if (left > 0) return <span class="tag warn">{format.count(left)} to correct</span>;
    return <span class="tag good">{fate === undefined || fate.isLoading ? 'Sent' : 'Loaded'}</span>;
  }
  if (state.kind === 'unsent') return <span class="tag bad">Not sent</span>;
  if (verdicts.length === 0) return null;
  if (needsDay(item)) return <span class="tag warn">Day missing</span>;
  if (isRefused(verdicts)) return <span class="tag bad">Would be refused</span>;
  const problems = listProblems(verdicts);
  return problems.length > 0 ? (
    <span class="tag warn">{problems.join(', ')}</span>
  ) : (
    <span class="tag good">Ready</span>
  );
}

function Checking({ item: { state, file } }: { readonly item: DropItem }) {
  const { rows, bytes } = state.kind === 'checking' ? state : { rows: 0, bytes: 0 };
  return (
    <div class="stack" role="status">
      <progress aria-label="Checked" max={Math.max(1, file.size)} value={bytes} />
      <p class="small muted">
        {state.kind === 'queued'
          ? 'Waits to be checked'
          : `Checking on this computer: ${format.count(rows)} ${plural(rows, 'row')}`}
      </p>
    </div>
  );
}

function Sending({ item: { id, state, file } }: { readonly item: DropItem }) {
  const bytes = state.kind === 'sending' ? state.bytes : 0;
  return (
    <div class="row">
      <div class="stack grow">
        <progress aria-label="Sent" max={Math.max(1, file.size)} value={bytes} />
        <p class="small muted">
          {state.kind === 'sending'
            ? `Sending: ${format.percent(file.size === 0 ? 1 : bytes / file.size)}`
            : 'Waits to be sent'}
        </p>
      </div>
      <button type="button" onClick={() => cancelSending(id)}>
        Cancel
      </button>
    </div>
  );
}

/** Says that the store has sent a file of this name before, or that the list has another one. */
function Known({ item }: { readonly item: DropItem }) {
  const [newest] = item.known;
  if (newest === undefined && (!canSend(item) || !hasTwin(item))) return null;
  return (
    <p class="verdict-line small muted">
      <Icon name="info" />
      <span>
        {newest === undefined ? (
          'Another file in this list has the same name'
        ) : (
          <>
            A file of this name arrived on {format.time(newest.receivedAt)} (
            <a href={hrefOf('upload', { id: newest.uploadId })}>
              {format.count(newest.rows.read)} {plural(newest.rows.read, 'row')}
            </a>
            )
          </>
        )}
        . Rows that are the same count once. Rows with the same id and other values are kept aside.
      </span>
    </p>
  );
}

function ErrorLine(props: {
  readonly message: string;
  readonly action: string;
  readonly onAction: () => void;
}) {
  return (
    <div class="row error-line" role="alert">
      <Icon name="warning" />
      <p class="grow">{showText(props.message, 1_000)}</p>
      <button type="button" onClick={props.onAction}>
        {props.action}
      </button>
    </div>
  );
}
