import { useEffect, useState } from 'preact/hooks';
import type {
  RulesAnswer,
  UploadAnswer,
  UploadEntry,
  UploadsAnswer,
} from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { describeFailure } from '../failure-advice.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';
import { showText } from '../show-text.ts';
import { describeTrouble } from './drop-send.ts';
import { removeSettled, type SentCorrections, sendCorrections } from './fix-send.ts';
import type { FixSheet } from './fix-sheet.ts';

interface Props {
  readonly upload: UploadAnswer;
  readonly sheet: FixSheet;
  readonly rules: RulesAnswer;
  readonly maySend: boolean;
  /** Result of the corrections that were sent before. */
  readonly note: string;
  readonly onUndo: () => void;
  /** Is called with the rows that are being sent, and without rows when their result is known. */
  readonly onSending: (rows: ReadonlySet<number>) => void;
  /** Is called when the ledger has the result of corrections. */
  readonly onLoaded: (rows: readonly number[], result: UploadEntry) => void;
  /** Is called when rows were taken out that others have settled. */
  readonly onSettled: (rows: number) => void;
  /** Is called when the sheet has changed. */
  readonly onChange: () => void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly share: number; readonly stop: AbortController }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'sent'; readonly sent: SentCorrections };

/** The bar below the table: how many rows are corrected, and the button that sends them. */
export function FixBar(props: Props) {
  const { upload, sheet, rules, maySend, note, onUndo, onSending, onLoaded, onSettled, onChange } = props;
  const [state, setState] = useState<State>({ kind: 'idle' });
  const isOver = state.kind === 'idle' || state.kind === 'failed';
  /** Shows how the sending ended, at the moment from which the rows can be changed again. */
  const end = (how: State) => {
    setState(how);
    onSending(new Set());
  };
  const ready = sheet.ready.size;
  const send = async () => {
    const stop = new AbortController();
    const rows = [...sheet.ready];
    setState({ kind: 'sending', share: 0, stop });
    onSending(new Set(rows));
    try {
      const settled = await removeSettled({ upload, sheet, signal: stop.signal });
      if (settled > 0) {
        end({ kind: 'idle' });
        onSettled(settled);
        return;
      }
      const onProgress = (share: number) => setState({ kind: 'sending', share, stop });
      const sent = await sendCorrections({ upload, sheet, rows, rules, onProgress, signal: stop.signal });
      onChange();
      const message = 'The parser found further problems. Look at the rows that are marked.';
      if (sent === undefined) end({ kind: 'failed', message });
      else setState({ kind: 'sent', sent });
    } catch (error) {
      const isCancelled = stop.signal.aborted;
      end(isCancelled ? { kind: 'idle' } : { kind: 'failed', message: describeBreak(error) });
    }
  };
  return (
    <div class="stack">
      {state.kind === 'failed' && (
        <div class="row error-line" role="alert">
          <Icon name="warning" />
          <p class="grow">{showText(state.message, 1_000)}</p>
        </div>
      )}
      {state.kind === 'sent' && (
        <Follow
          upload={upload}
          sent={state.sent}
          onLoaded={(result) => {
            end({ kind: 'idle' });
            onLoaded(state.sent.rows, result);
          }}
          onFailed={(message) => end({ kind: 'failed', message })}
        />
      )}
      {state.kind === 'idle' && note !== '' && (
        <p class="verdict-line good" role="status">
          <Icon name="info" /> {note}
        </p>
      )}
      {isOver && (
        <div class="row">
          <Progress sheet={sheet} maySend={maySend} />
          <button type="button" disabled={sheet.steps === 0} onClick={onUndo}>
            Undo
          </button>
          {maySend && (
            <button
              type="button"
              class="primary"
              disabled={sheet.isBusy || ready === 0}
              onClick={() => void send()}
            >
              <Icon name="send" /> Send {ready > 0 && `${format.count(ready)} `}
              {plural(ready, 'correction')}
            </button>
          )}
        </div>
      )}
      {state.kind === 'sending' && (
        <div class="row">
          <div class="stack grow" role="status">
            <progress aria-label="Sent" max={1} value={state.share} />
            <p class="small muted">Sending the corrections: {format.percent(state.share)}</p>
          </div>
          <button type="button" onClick={() => state.stop.abort()}>
            Cancel
          </button>
        </div>
      )}
      {!maySend && <p class="small muted">You may look at these rows, but not send corrections.</p>}
    </div>
  );
}

/** Tells how many rows are corrected. */
function Progress({ sheet, maySend }: Pick<Props, 'sheet' | 'maySend'>) {
  const { ready, edited, isBusy, open } = sheet;
  const wrong = edited - ready.size;
  return (
    <p class="grow" role="status">
      {isBusy ? (
        <strong>Checking your corrections. You can send them after that.</strong>
      ) : (
        <strong>
          {format.count(ready.size)} of {format.count(open.length)} {plural(open.length, 'row')} corrected
        </strong>
      )}
      {edited === 0 && maySend && <span class="muted">. Choose a red cell and write the right value.</span>}
      {!isBusy && wrong > 0 && (
        <span class="muted">
          , {format.count(wrong)} changed {plural(wrong, 'row still has', 'rows still have')} a problem
        </span>
      )}
    </p>
  );
}

/** Says what to do about corrections that did not arrive. Only the person sends them again. */
function describeBreak(error: unknown): string {
  const { trouble, message } = describeTrouble(error);
  if (trouble === 'offline')
    return 'The connection was lost. Your corrections stay here: send them again when it is back.';
  return trouble === 'signed-out'
    ? 'Your session has ended. Your corrections stay here: sign in, then send them again.'
    : message;
}

/** Follows a file of corrections until the ledger has its result. */
function Follow(props: {
  readonly upload: UploadAnswer;
  readonly sent: SentCorrections;
  readonly onLoaded: (result: UploadEntry) => void;
  readonly onFailed: (message: string) => void;
}) {
  const { upload, sent, onLoaded, onFailed } = props;
  const find = ({ uploads }: UploadsAnswer) => uploads.find(({ versionId }) => versionId === sent.versionId);
  const isOpen = (answer: UploadsAnswer) => (find(answer)?.status ?? 'loading') === 'loading';
  const { data, error } = useLive<UploadsAnswer>(
    '/uploads',
    { store: upload.store, name: sent.fileName },
    isOpen,
  );
  const found = data && find(data);
  useEffect(() => {
    if (found?.status === 'complete') onLoaded(found);
    if (found?.status !== 'failed') return;
    onFailed(describeFailure(found.failure?.code, found.failure?.message));
    // The last answer decides, and the callbacks are others after each change of the sheet.
  }, [found?.uploadId, found?.status]);
  const them = plural(sent.rows.length, 'it', 'them');
  return (
    <p class="verdict-line busy" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>
        {error?.message ?? (
          <>
            {format.count(sent.rows.length)} {plural(sent.rows.length, 'correction was', 'corrections were')}{' '}
            sent. The pipeline loads{' '}
            {found === undefined ? them : <a href={hrefOf('upload', { id: found.uploadId })}>{them}</a>}.
          </>
        )}
      </span>
    </p>
  );
}
