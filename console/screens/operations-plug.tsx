import { useEffect, useState } from 'preact/hooks';
import { plural } from '../../lambdas/core/plural.ts';
import { type ApiError, get, getConfig, post } from '../api.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { announce } from '../parts/toast.tsx';
import { pokeStatus, useStatus } from '../poll.ts';

/** Where the host of the page controls its database, above the API. */
const DATABASE = '/../_local/database';
/** Time between two looks at the queues while something waits. */
const LOOK_MILLISECONDS = 1_000;

interface DatabaseState {
  readonly isRunning: boolean;
}

/** On a laptop: stops the database, shows how rows wait, starts it again, and shows how they load. */
export function Plug() {
  const [database, setDatabase] = useState<DatabaseState>();
  const [hasPlug, setHasPlug] = useState(true);
  const [isBusy, setBusy] = useState(false);
  /** Most messages that have waited since the database was stopped. */
  const [peak, setPeak] = useState(0);
  const { status } = useStatus();
  useEffect(() => {
    getConfig()
      .then(({ hasLocalControl }) =>
        hasLocalControl ? get<DatabaseState>(DATABASE).then(setDatabase) : setHasPlug(false),
      )
      // A database of another machine has no plug here.
      .catch(() => setHasPlug(false));
  }, []);
  const rows = status?.rows;
  const waiting = rows === undefined ? 0 : rows.waiting + rows.inProgress;
  const isPulled = database?.isRunning === false;
  const isDraining = database?.isRunning === true && peak > 0 && waiting > 0;
  useEffect(() => {
    if (isPulled) setPeak((most) => Math.max(most, waiting));
  }, [isPulled, waiting]);
  useEffect(() => {
    if (!isPulled && !isDraining) return;
    const timer = setInterval(() => !document.hidden && pokeStatus(), LOOK_MILLISECONDS);
    return () => clearInterval(timer);
  }, [isPulled, isDraining]);
  if (!hasPlug) return null;

  const change = async (action: 'stop' | 'start') => {
    setBusy(true);
    try {
      setDatabase(await post<DatabaseState>(`${DATABASE}/${action}`, undefined));
      if (action === 'stop') setPeak(0);
      pokeStatus();
    } catch (error) {
      announce((error as ApiError).message, 'problem');
    } finally {
      setBusy(false);
    }
  };
  return (
    // Until the state is known, the card keeps its place.
    <section
      class={`card plug ${isPulled ? 'bad' : 'good'} ${database === undefined ? 'unknown' : ''}`}
      aria-labelledby="plug"
    >
      <div class="row">
        <h2 id="plug" class="grow">
          Database{' '}
          <span class="tag">
            <Icon name={isPulled ? 'cross' : 'check'} /> {isPulled ? 'stopped' : 'running'}
          </span>
        </h2>
        <button
          type="button"
          class={isPulled ? 'primary' : 'danger'}
          disabled={isBusy}
          onClick={() => change(isPulled ? 'start' : 'stop')}
        >
          {isPulled ? 'Put the plug back' : 'Pull the plug'}
        </button>
      </div>
      <p class="plug-text" role="status">
        {describe({ isPulled, isDraining, waiting, peak })}
      </p>
      {(isPulled || peak > 0) && (
        <progress
          class={peak > 0 ? '' : 'unused'}
          max={Math.max(1, peak)}
          value={isPulled ? 0 : Math.max(0, peak - waiting)}
          aria-label="Waiting messages that have loaded"
        />
      )}
    </section>
  );
}

function describe(state: {
  readonly isPulled: boolean;
  readonly isDraining: boolean;
  readonly waiting: number;
  readonly peak: number;
}): string {
  const messages = (count: number) =>
    `${format.count(count)} ${plural(count, 'message waits', 'messages wait')}`;
  if (state.isPulled) {
    return state.waiting === 0
      ? 'The database is away. Send a file: its rows wait until the database is back.'
      : `The database is away. ${messages(state.waiting)}. Nothing is lost.`;
  }
  if (state.isDraining) return `The database is back. ${messages(state.waiting)}, and load now.`;
  if (state.peak > 0) return 'The database is back, and everything that waited is loaded.';
  return 'Stop the database of this machine, send a file, and see that nothing is lost.';
}
