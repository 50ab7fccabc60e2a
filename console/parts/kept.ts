import { useRef } from 'preact/hooks';
import type { Live } from '../poll.ts';

export interface Kept<T> extends Live<T> {
  /** True while the data is that of the former question. */
  readonly isOld: boolean;
}

/** Keeps the answer to the former question until the new one has an answer: a filter does not empty the screen. */
export function useKept<T>(live: Live<T>): Kept<T> {
  const former = useRef<T>(undefined);
  if (live.data !== undefined) former.current = live.data;
  if (live.data === undefined && live.error !== undefined) former.current = undefined;
  const data = live.data ?? former.current;
  return {
    ...live,
    data,
    isFirst: live.isFirst && data === undefined,
    isOld: live.data === undefined && data !== undefined,
  };
}
