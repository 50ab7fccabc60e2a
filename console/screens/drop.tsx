import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { UploadEntry } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { FILE_ENDINGS, STORE_PATTERN } from '../../lambdas/core/upload-key.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { announce } from '../parts/toast.tsx';
import type { Route } from '../router.ts';
import { useSession } from '../session.ts';
import { showText } from '../show-text.ts';
import { useStores } from '../stores.ts';
import { DropCard } from './drop-card.tsx';
import { hasDayField } from './drop-day.tsx';
import { FateWatcher, isDone, mergeUploads, needsHelp } from './drop-fate.tsx';
import { type Chosen, readDropped, readPicked } from './drop-files.ts';
import { addFiles, canSend, checkAgain, removeAll, sendItems, useDropItems } from './drop-queue.ts';
import { StoreChoice } from './drop-store.tsx';

/** Cards on the page until the person wants more. */
const PAGE_CARDS = 50;
const MAX_NAMED = 10;
const UNREADABLE =
  'The folder cannot be read. Check that you may open it and everything in it, then drop it again.';

/** Checks files that a person drops, shows which rows will load, sends them, and shows their results. */
export function Drop({ route }: { readonly route: Route }) {
  const items = useDropItems();
  const session = useSession();
  // A viewer may check the files of the stores that it reads.
  const maySend = session !== undefined && (session.sends.length > 0 || session.sendsOthers);
  const hasOthers = session?.sendsOthers === true;
  const named = useStores();
  const known = hasOthers ? named : maySend ? session.sends : (session?.stores ?? []);
  const [chosenStore, setChosenStore] = useState(route.query.store ?? '');
  const isChosen = known.includes(chosenStore) || (hasOthers && STORE_PATTERN.test(chosenStore));
  const stores = isChosen && !known.includes(chosenStore) ? [...known, chosenStore] : known;
  const store = isChosen ? chosenStore : (stores[0] ?? '');
  const [skipped, setSkipped] = useState<readonly string[]>([]);
  const [cards, setCards] = useState(PAGE_CARDS);
  const [onlyUnsolved, setOnlyUnsolved] = useState(false);
  const [uploads, setUploads] = useState<Readonly<Record<string, readonly UploadEntry[]>>>({});
  const onUploads = useCallback((of: string, found: readonly UploadEntry[]) => {
    setUploads((last) => ({ ...last, [of]: mergeUploads(found, last[of] ?? []) }));
  }, []);
  const ready = items.filter(canSend);
  const sent = items.filter(({ state }) => state.kind === 'sent');
  const moving = items.filter(({ state }) => state.kind === 'ready-to-send' || state.kind === 'sending');
  const done = sent.filter((item) => isDone(item, uploads[item.store] ?? []));
  const unsolved = items.filter((item) => needsHelp(item, uploads[item.store] ?? []));
  // Without problems there is nothing to choose from.
  const isNarrowed = onlyUnsolved && unsolved.length > 0;
  // A file whose day is chosen stays where it is.
  const shown = isNarrowed ? items.filter((item) => unsolved.includes(item) || hasDayField(item)) : items;
  const sentStores = [...new Set(sent.map((item) => item.store))];

  const add = useCallback(
    ({ files, skipped: left }: Chosen) => {
      setSkipped(left);
      addFiles(files, store);
    },
    [store],
  );
  const changeStore = (name: string) => {
    setChosenStore(name);
    for (const { id, state, store: former } of items) {
      if (former === store && state.kind !== 'sent' && state.kind !== 'sending')
        checkAgain(id, { store: name });
    }
  };
  const isOver = useWindowDrop(store === '' ? undefined : add);

  return (
    <>
      <header class="head">
        <h1>Send files</h1>
        <StoreChoice store={store} stores={stores} hasOthers={hasOthers} onStore={changeStore} />
      </header>
      {session !== undefined && !maySend && (
        <p class="verdict-line warn">
          <Icon name="info" /> You may look at files, but not send them. Files that you drop are only checked.
        </p>
      )}
      <DropZone isOver={isOver} isSmall={items.length > 0} isReady={store !== ''} onChosen={add} />
      {skipped.length > 0 && (
        <p class="small muted">
          Left out, because the name does not end with .{FILE_ENDINGS.join(', .')}, .gz or .zip:{' '}
          <bdi>
            {skipped
              .slice(0, MAX_NAMED)
              .map((path) => showText(path, 80))
              .join(', ')}
          </bdi>
          {skipped.length > MAX_NAMED && ` and ${format.count(skipped.length - MAX_NAMED)} more`}
        </p>
      )}
      {items.length > 1 && (
        <div class="drop-bar row">
          <span class="grow muted" role="status">
            {format.count(items.length)} files
            {ready.length > 0 && `, ${format.count(ready.length)} ready to be sent`}
            {moving.length > 0 && `, ${format.count(moving.length)} on their way`}
            {sent.length > 0 && `, ${format.count(sent.length)} sent, ${format.count(done.length)} loaded`}
          </span>
          {unsolved.length > 0 && (unsolved.length < items.length || isNarrowed) && (
            <button
              type="button"
              class="chip"
              aria-pressed={isNarrowed}
              onClick={() => setOnlyUnsolved(!isNarrowed)}
            >
              Only with problems <span class="count">{format.count(unsolved.length)}</span>
            </button>
          )}
          {done.length > 0 && (
            <button type="button" class="quiet" onClick={() => removeAll(done.map(({ id }) => id))}>
              Hide what is loaded
            </button>
          )}
          {maySend && ready.length > 0 && (
            <button type="button" class="primary" onClick={() => sendItems(ready.map(({ id }) => id))}>
              <Icon name="send" /> Send {format.count(ready.length)} {plural(ready.length, 'file')}
            </button>
          )}
        </div>
      )}
      {sentStores.map((name) => (
        <FateWatcher
          key={name}
          store={name}
          items={items}
          uploads={uploads[name] ?? []}
          onUploads={onUploads}
        />
      ))}
      {shown.slice(0, cards).map((item) => (
        <DropCard key={item.id} item={item} uploads={uploads[item.store] ?? []} maySend={maySend} />
      ))}
      {shown.length > cards && (
        <button type="button" onClick={() => setCards(cards + PAGE_CARDS)}>
          Show {format.count(Math.min(PAGE_CARDS, shown.length - cards))} more of {format.count(shown.length)}{' '}
          files
        </button>
      )}
    </>
  );
}

interface ZoneProps {
  readonly isOver: boolean;
  readonly isSmall: boolean;
  readonly isReady: boolean;
  readonly onChosen: (chosen: Chosen) => void;
}

function DropZone({ isOver, isSmall, isReady, onChosen }: ZoneProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  // Preact has no name for it. Until it is set, the button asks for files.
  useLayoutEffect(() => {
    folder.current?.setAttribute('webkitdirectory', '');
  }, []);
  const onChange = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    if (currentTarget.files !== null) onChosen(readPicked(currentTarget.files));
    // The same file can be chosen again.
    currentTarget.value = '';
  };
  return (
    <section
      class={`drop-zone ${isOver ? 'over' : ''} ${isSmall ? 'small-zone' : ''}`}
      aria-label="Add files"
    >
      <Icon name="send" />
      <div class="stack">
        <h2>
          {isOver ? 'Let go to check the files' : isSmall ? 'Drop more files' : 'Drop files or folders here'}
        </h2>
        {!isSmall && (
          <p class="muted">
            CSV, Excel, OpenDocument or JSON lines, also in .gz and .zip. They are checked on this computer.
            Nothing is sent until you press Send.
          </p>
        )}
        <p class="row">
          <button
            type="button"
            class={isSmall ? '' : 'primary'}
            disabled={!isReady}
            onClick={() => files.current?.click()}
          >
            Choose files
          </button>
          <button type="button" disabled={!isReady} onClick={() => folder.current?.click()}>
            Choose a folder
          </button>
        </p>
      </div>
      {/* Without `accept`: by names such as .jsonl, the dialog of iPads lets no file be chosen. */}
      <input ref={files} type="file" multiple hidden aria-label="Files" onChange={onChange} />
      <input ref={folder} type="file" multiple hidden aria-label="Folder" onChange={onChange} />
    </section>
  );
}

/** Takes files that are dropped anywhere on the page. @returns true while files are over it */
function useWindowDrop(onChosen: ((chosen: Chosen) => void) | undefined): boolean {
  const [isOver, setOver] = useState(false);
  // As soon as the page invites: an effect after the next paint would lose files that are dropped before it.
  useLayoutEffect(() => {
    const isFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent) => {
      if (isFiles(event)) setOver(onChosen !== undefined);
    };
    // Safari does not say where the pointer goes, but the next element is entered before the last one is left.
    let entered: EventTarget | null = null;
    const enter = ({ target }: DragEvent) => {
      entered = target;
    };
    const leave = ({ target }: DragEvent) => {
      if (target === entered) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!isFiles(event)) return;
      setOver(false);
      if (onChosen === undefined || event.dataTransfer === null) return;
      event.preventDefault();
      readDropped(event.dataTransfer).then(onChosen, () => announce(UNREADABLE, 'problem'));
    };
    addEventListener('dragenter', enter);
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      removeEventListener('dragenter', enter);
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, [onChosen]);
  return isOver;
}
