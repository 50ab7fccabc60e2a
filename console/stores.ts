import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { useSession } from './session.ts';

/** The ledger has stores that the session does not name where files of every store are loaded. More are not kept. */
const MAX_SEEN = 1_000;
const seen = new Set<string>();
const listeners = new Set<() => void>();

/** Keeps the stores that an answer names, so that they can be chosen. */
export function useNamedStores(entries: readonly { readonly store: string }[] | undefined): void {
  useEffect(() => {
    const before = seen.size;
    for (const { store } of entries ?? []) if (seen.size < MAX_SEEN) seen.add(store);
    if (seen.size > before) for (const tell of listeners) tell();
  }, [entries]);
}

/** The stores of the session, and those that an answer has named. */
export function useStores(): readonly string[] {
  const stores = useSession()?.stores ?? [];
  const [, update] = useState(0);
  useLayoutEffect(() => {
    const tell = () => update(seen.size);
    listeners.add(tell);
    return () => void listeners.delete(tell);
  }, []);
  return [...new Set([...stores, ...[...seen].sort()])];
}
