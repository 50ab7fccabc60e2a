import { useEffect, useState } from 'preact/hooks';
import type { RejectsAnswer, RulesAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { type ApiError, get } from '../api.ts';
import { findSheet, keepSheet, type LoadedSheet, restoreEdits } from './fix-kept.ts';
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
    const kept = findSheet(upload.uploadId);
    if (kept !== undefined) {
      setState({ loaded: kept, isLoading: false });
      return;
    }
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    void load(upload, stop.signal, setState).catch((error: ApiError) => {
      if (stop.signal.aborted) return;
      setState((last) => ({ ...last, error, isLoading: false }));
      if (error.trouble === 'resuming')
        timer = setTimeout(() => setAttempt(attempt + 1), (error.retryAfter ?? RETRY_SECONDS) * 1_000);
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, attempt]);
  return state;
}

async function load(
  upload: UploadAnswer,
  signal: AbortSignal,
  onState: (state: SheetState) => void,
): Promise<void> {
  const store = encodeURIComponent(upload.store);
  const rules = await get<RulesAnswer>(`/stores/${store}/rules`, {}, signal);
  const sheet = new FixSheet(upload, rules.rules);
  const loaded = { sheet, rules };
  const path = `/uploads/${encodeURIComponent(upload.uploadId)}/rejects`;
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page: RejectsAnswer = await get<RejectsAnswer>(
      path,
      { state: 'open', after, limit: PAGE_ROWS },
      signal,
    );
    sheet.add(page.rejects);
    after = page.next;
    if (after === undefined) restoreEdits(upload.uploadId, sheet);
    keepSheet(upload.uploadId, loaded);
    onState({ loaded, isLoading: after !== undefined });
  }
}
