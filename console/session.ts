import { useEffect, useState } from 'preact/hooks';
import type { SessionAnswer } from '../lambdas/core/api-answers.ts';
import { type ApiError, get } from './api.ts';

const RETRY_SECONDS = 5;
let session: Promise<SessionAnswer> | undefined;
let answer: SessionAnswer | undefined;

/** Reads who the caller is, once for the page. @throws {ApiError} */
export function getSession(): Promise<SessionAnswer> {
  session ??= get<SessionAnswer>('/session');
  session.then(
    (known) => {
      answer = known;
    },
    () => {
      session = undefined;
    },
  );
  return session;
}

/** Who the caller is; undefined until the answer has come. */
export function useSession(): SessionAnswer | undefined {
  const [known, setKnown] = useState(answer);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    getSession().then(setKnown, ({ trouble, retryAfter = RETRY_SECONDS }: ApiError) => {
      if (trouble === 'resuming') timer = setTimeout(() => setAttempt(attempt + 1), retryAfter * 1_000);
    });
    return () => clearTimeout(timer);
  }, [attempt]);
  return known;
}
