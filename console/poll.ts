import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type ApiError, get, onSignedOut, type Query } from './api.ts';

/**
 * All polling of the console. A hidden tab sends nothing. A visible one asks for `/status`, which reads queues and wakes
 * no database. The ledger is asked at a click, while something loads, and when the counts of the queues have changed.
 */
const STATUS_MILLISECONDS = 15_000;
const LOADING_MILLISECONDS = 1_000;

interface QueueStatus {
  readonly waiting: number;
  readonly inProgress: number;
  readonly deadLetters: number;
}
export type PipelineStatus = Readonly<Record<'calls' | 'uploads' | 'rows', QueueStatus>>;

interface StatusState {
  readonly status?: PipelineStatus | undefined;
  readonly error?: ApiError | undefined;
}

let state: StatusState = {};
let timer: ReturnType<typeof setTimeout> | undefined;
let askedAt = Number.NEGATIVE_INFINITY;
/** Questions for the status, and the newest of them that has an answer. */
let asked = 0;
let answered = 0;
const changed = new Set<() => void>();
const watchers = new Set<() => void>();
const reachable = new Set<() => void>();

async function askStatus(): Promise<void> {
  askedAt = Date.now();
  const question = ++asked;
  const answer: StatusState = await get<PipelineStatus>('/status').then(
    (status) => ({ status }),
    (error: ApiError) => ({ error }),
  );
  // A newer answer may have overtaken this one.
  if (question < answered) return;
  answered = question;
  const before = JSON.stringify(state.status);
  state = { ...state, error: undefined, ...answer };
  for (const watcher of watchers) watcher();
  if (state.error === undefined) for (const listener of reachable) listener();
  const isChange =
    before !== undefined && state.error === undefined && JSON.stringify(state.status) !== before;
  if (isChange) for (const listener of changed) listener();
}

function schedule(): void {
  clearTimeout(timer);
  if (document.hidden) return;
  const wait = Math.max(0, askedAt + STATUS_MILLISECONDS - Date.now());
  timer = setTimeout(() => void askStatus().finally(schedule), wait);
}

/** Asks for the status as long as the tab is visible. Called once, after the person has signed in. */
export function startPolling(): void {
  document.addEventListener('visibilitychange', schedule);
  schedule();
}

/** Asks for the status now, such as after a file was sent. */
export function pokeStatus(): void {
  askedAt = Number.NEGATIVE_INFINITY;
  schedule();
}

/** Calls a listener after each answer: the connection works. A browser does not notice each one that was lost. */
export function onReachable(listener: () => void): void {
  reachable.add(listener);
}

/** The last status of the queues. */
export function useStatus(): StatusState {
  const [, redraw] = useState(0);
  // Not after the next frame: an answer may come before it.
  useLayoutEffect(() => {
    const watcher = () => redraw((count) => count + 1);
    watchers.add(watcher);
    return () => void watchers.delete(watcher);
  }, []);
  return state;
}

export interface Live<T> {
  /** The last answer. It stays while a newer one is on its way, and after an error. */
  readonly data?: T | undefined;
  /** Why the last call failed. */
  readonly error?: ApiError | undefined;
  /** True until the first answer or error. */
  readonly isFirst: boolean;
  /** Asks again now, such as after a click. */
  readonly refresh: () => void;
}

/**
 * Gets an answer of the ledger and keeps it current.
 * @param path undefined to ask nothing yet
 * @param isLoading true if the answer will soon change: it is asked for every second
 */
export function useLive<T>(
  path: string | undefined,
  query: Query = {},
  isLoading: (data: T) => boolean = () => false,
): Live<T> {
  const name = path === undefined ? undefined : JSON.stringify([path, query]);
  const [answer, setAnswer] = useState<{ name?: string; data?: T; error?: ApiError }>({});
  const askNow = useRef(() => {});
  const loading = useRef(isLoading);
  loading.current = isLoading;

  useEffect(() => {
    if (name === undefined) return;
    const [askedPath, askedQuery] = JSON.parse(name) as [string, Query];
    const stop = new AbortController();
    let next: ReturnType<typeof setTimeout> | undefined;
    let isDue = false;
    let isAsking = false;
    let isMoving = false;
    let isSignedOut = false;

    const ask = async () => {
      clearTimeout(next);
      isDue = document.hidden || isAsking;
      if (isDue) return;
      isAsking = true;
      isSignedOut = false;
      let wait: number | undefined;
      try {
        const data = await get<T>(askedPath, askedQuery, stop.signal);
        setAnswer({ name, data });
        isMoving = loading.current(data);
        if (isMoving) wait = LOADING_MILLISECONDS;
      } catch (error) {
        if (stop.signal.aborted) return;
        const trouble = error as ApiError;
        setAnswer((last) => ({ ...(last.name === name && last), name, error: trouble }));
        isSignedOut = trouble.trouble === 'signed-out';
        // One answer that failed does not end what the person waits for.
        const isAwaited = trouble.trouble === 'failed' && isMoving;
        if (isAwaited || trouble.trouble === 'resuming') wait = (trouble.retryAfter ?? 5) * 1_000;
        if (trouble.trouble === 'offline') wait = STATUS_MILLISECONDS;
      } finally {
        isAsking = false;
      }
      if (isDue) void ask();
      else if (wait !== undefined) next = setTimeout(ask, wait);
    };
    const resume = () => {
      if (!document.hidden && isDue) void ask();
    };
    const stopWaiting = onSignedOut((isOut) => {
      if (!isOut && isSignedOut) void ask();
    });
    askNow.current = () => void ask();
    changed.add(ask);
    addEventListener('online', ask);
    document.addEventListener('visibilitychange', resume);
    void ask();
    return () => {
      stop.abort();
      clearTimeout(next);
      stopWaiting();
      changed.delete(ask);
      removeEventListener('online', ask);
      document.removeEventListener('visibilitychange', resume);
    };
  }, [name]);

  const refresh = useCallback(() => askNow.current(), []);
  const isCurrent = answer.name === name;
  return {
    data: isCurrent ? answer.data : undefined,
    error: isCurrent ? answer.error : undefined,
    isFirst: !isCurrent || (answer.data === undefined && answer.error === undefined),
    refresh,
  };
}
