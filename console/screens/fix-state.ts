import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RejectsAnswer, RulesAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { type ApiError, get, type Query } from '../api.ts';
import { runInSteps } from '../steps.ts';
import { findSheet, forgetKept, keepSheet, type LoadedSheet, readKept } from './fix-kept.ts';
import { FixSheet } from './fix-sheet.ts';

const PAGE_ROWS = 1_000;
const RETRY_SECONDS = 5;

export interface SheetState {
  readonly loaded?: LoadedSheet;
  readonly error?: ApiError;
  /** True until every open row is there. */
  readonly isLoading: boolean;
}

/** Loads the rows of an upload that are to be corrected, page by page. The first ones can be corrected at once. */
export function useSheet(upload: UploadAnswer | undefined): SheetState {
  const id = upload?.uploadId;
  const [state, setState] = useState<SheetState>({ isLoading: true });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (upload === undefined || upload.header === null) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = () => setAttempt(attempt + 1);
    void load(upload, stop.signal, setState).catch((error: ApiError) => {
      if (stop.signal.aborted) return;
      setState((last) => ({ ...last, error }));
      const { trouble, retryAfter = RETRY_SECONDS } = error;
      if (trouble === 'resuming' || trouble === 'offline') timer = setTimeout(again, retryAfter * 1_000);
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, attempt]);
  return state;
}

/**
 * Changes and judges the rows of a sheet in steps, as long as there are some: a few of them before the browser draws.
 * @param onEnd is called when nothing is left
 */
export function useSteps(sheet: FixSheet, onEnd: () => void): void {
  const running = useRef<AbortController | undefined>(undefined);
  useLayoutEffect(() => {
    if (running.current !== undefined || !sheet.isBusy) return;
    const stop = new AbortController();
    running.current = stop;
    runInSteps(sheet.work(), stop.signal).then(
      () => {
        running.current = undefined;
        onEnd();
      },
      () => undefined,
    );
  });
  useEffect(() => () => running.current?.abort(), []);
}

/** Begins, or continues where the person left a sheet with corrections. */
async function load(
  upload: UploadAnswer,
  signal: AbortSignal,
  onState: (state: SheetState) => void,
): Promise<void> {
  const { uploadId, store } = upload;
  let loaded = findSheet(uploadId);
  if (loaded === undefined) {
    const rules = await get<RulesAnswer>(`/stores/${encodeURIComponent(store)}/rules`, {}, signal);
    loaded = { sheet: new FixSheet(upload, rules.rules), rules, next: 0 };
  } else onState({ loaded, isLoading: loaded.next !== undefined });
  const path = `/uploads/${encodeURIComponent(uploadId)}/rejects`;
  const restore = readKept(uploadId);
  while (loaded.next !== undefined) {
    const query: Query = { state: 'open', after: loaded.next, limit: PAGE_ROWS };
    const { rejects, next } = await get<RejectsAnswer>(path, query, signal);
    const first = loaded.sheet.rows.length;
    loaded.sheet.add(rejects);
    restore(loaded.sheet, first);
    loaded = { ...loaded, next };
    if (next === undefined) forgetKept(uploadId);
    keepSheet(uploadId, loaded);
    onState({ loaded, isLoading: next !== undefined });
  }
}
