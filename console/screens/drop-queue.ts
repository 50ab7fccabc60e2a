import { useLayoutEffect, useState } from 'preact/hooks';
import type { RulesAnswer, UploadEntry, UploadsAnswer } from '../../lambdas/core/api-answers.ts';
import { addDateToName, buildUploadKey } from '../../lambdas/core/upload-key.ts';
import type { Verdict } from '../../lambdas/core/verdict.ts';
import { get, isLedgerAwake } from '../api.ts';
import { onReachable, pokeStatus } from '../poll.ts';
import { checkFile, type Progress } from '../worker/check-file.ts';
import { type ChosenFile, nameToSend, readStoreFolder } from './drop-files.ts';
import { type Days, findDays, lacksDate } from './drop-name.ts';
import { describeTrouble, SendError, sendFile } from './drop-send.ts';

/** How far a file is. */
type DropState =
  | { readonly kind: 'queued' }
  | ({ readonly kind: 'checking' } & Progress)
  | { readonly kind: 'checked' }
  | { readonly kind: 'unchecked'; readonly message: string; readonly trouble: SendError['trouble'] }
  | { readonly kind: 'ready-to-send' }
  | { readonly kind: 'sending'; readonly bytes: number }
  | { readonly kind: 'unsent'; readonly message: string; readonly trouble: SendError['trouble'] }
  | { readonly kind: 'sent'; readonly at: number; readonly versionId: string };

/** A file that a person dropped. */
export interface DropItem {
  readonly id: number;
  readonly file: File;
  readonly path: string;
  readonly store: string;
  /** Name under which the file is sent. */
  readonly fileName: string;
  /** Days from which the person chooses that of the file, which has none; undefined if it has one. */
  readonly days: Days | undefined;
  /** The day that the person chose. */
  readonly day: string | undefined;
  readonly state: DropState;
  /** Verdicts on the file, or on each file in it. */
  readonly verdicts: readonly Verdict[];
  /** Earlier uploads under the same name, the newest first. */
  readonly known: readonly UploadEntry[];
}

/** The maximum of an upload in one request (S3 user guide, "Uploading objects"). */
const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
const TOO_LARGE =
  'The file is larger than 5 GiB, the most that can be sent at once. Compress it, or divide it.';
const CHECKS_AT_ONCE = 2;
const SENDS_AT_ONCE = 2;
/** A connection that breaks for the same file again and again does not get better by it. */
const MAX_RETRIES = 5;
const BREAKS = 'The connection breaks again and again. Try it from another network, or later.';

let items: readonly DropItem[] = [];
let lastId = 0;
const running = new Map<number, AbortController>();
const retries = new Map<number, number>();
const listeners = new Set<() => void>();

addEventListener('online', retryOffline);
onReachable(retryOffline);
addEventListener('beforeunload', (event) => {
  if (items.some(({ state }) => state.kind === 'sending' || state.kind === 'ready-to-send'))
    event.preventDefault();
});

/** The files, which stay while the person looks at another screen. */
export function useDropItems(): readonly DropItem[] {
  const [, redraw] = useState(0);
  // Not after the next frame: a file may change before it.
  useLayoutEffect(() => {
    const listener = () => redraw((count) => count + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return items;
}

/** Adds files and begins to check them. @param store of files that no folder gives a store */
export function addFiles(files: readonly ChosenFile[], store: string): void {
  const added = files.map(({ file, path }): DropItem => {
    const state = { kind: 'queued' } as const;
    return {
      id: ++lastId,
      file,
      path,
      store: readStoreFolder(path) ?? store,
      fileName: nameToSend(file),
      days: undefined,
      day: undefined,
      state,
      verdicts: [],
      known: [],
    };
  });
  // The newest files are at the top, beside the place where they were dropped.
  show([...added, ...items]);
  work();
}

export function removeItem(id: number): void {
  running.get(id)?.abort();
  show(items.filter((item) => item.id !== id));
  work();
}

export function removeAll(ids: readonly number[]): void {
  for (const id of ids) running.get(id)?.abort();
  show(items.filter(({ id }) => !ids.includes(id)));
}

/** Checks a file again, such as for another store or with another day. */
export function checkAgain(id: number, changes: Partial<Pick<DropItem, 'store' | 'day'>> = {}): void {
  running.get(id)?.abort();
  change(id, { state: { kind: 'queued' }, verdicts: [], known: [], ...changes });
  work();
}

/** Sends files after those that are being sent. */
export function sendItems(ids: readonly number[]): void {
  show(items.map((item) => (ids.includes(item.id) ? { ...item, state: { kind: 'ready-to-send' } } : item)));
  work();
}

/** Stops sending a file. */
export function cancelSending(id: number): void {
  running.get(id)?.abort();
  change(id, { state: { kind: 'checked' } });
  work();
}

/** True if some of the rows will load. An archive has a verdict, and so has each file in it. */
export function canSend({ state, verdicts }: DropItem): boolean {
  const isWaiting = state.kind === 'checked' || state.kind === 'unsent';
  return isWaiting && verdicts.length > 0 && !isRefused(verdicts);
}

/** True if the file, or every file in it, would be refused. */
export function isRefused([first, ...inner]: readonly Verdict[]): boolean {
  if (first?.format.files === undefined) return first?.status === 'refused';
  return inner.length > 0 && inner.every(({ status }) => status === 'refused');
}

/** True if another file in the list has the same name. */
export function hasTwin({ id, store, fileName }: DropItem): boolean {
  return items.some((other) => other.id !== id && other.fileName === fileName && other.store === store);
}

function keyOf({ store, fileName }: DropItem): string {
  return buildUploadKey({ storeId: store, fileName });
}

function retryOffline(): void {
  for (const { id, state } of items) {
    if ((state.kind !== 'unsent' && state.kind !== 'unchecked') || state.trouble !== 'offline') continue;
    const count = (retries.get(id) ?? 0) + 1;
    if (count > MAX_RETRIES) {
      change(id, { state: { kind: state.kind, trouble: 'failed', message: BREAKS } });
      continue;
    }
    retries.set(id, count);
    change(id, { state: { kind: state.kind === 'unsent' ? 'ready-to-send' : 'queued' } });
  }
  work();
}

function show(next: readonly DropItem[]): void {
  items = next;
  for (const listener of listeners) listener();
}

function change(id: number, changes: Partial<DropItem>): void {
  show(items.map((item) => (item.id === id ? { ...item, ...changes } : item)));
}

/** Begins what can begin. */
function work(): void {
  start('queued', 'checking', CHECKS_AT_ONCE, check);
  start('ready-to-send', 'sending', SENDS_AT_ONCE, send);
}

function start(
  waiting: 'queued' | 'ready-to-send',
  active: 'checking' | 'sending',
  atOnce: number,
  run: (item: DropItem, signal: AbortSignal) => Promise<void>,
): void {
  const free = atOnce - items.filter(({ state }) => state.kind === active).length;
  for (const item of items.filter(({ state }) => state.kind === waiting).slice(0, Math.max(0, free))) {
    const stop = new AbortController();
    // A check may still look for earlier uploads: the one that is about to be made is none of them.
    running.get(item.id)?.abort();
    running.set(item.id, stop);
    const begun: DropState =
      active === 'checking' ? { kind: active, rows: 0, bytes: 0 } : { kind: active, bytes: 0 };
    change(item.id, { state: begun });
    const fail = active === 'checking' ? 'unchecked' : 'unsent';
    void run(item, stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted) change(item.id, { state: { kind: fail, ...describeTrouble(error) } });
      })
      .finally(() => {
        if (running.get(item.id) === stop) running.delete(item.id);
        work();
      });
  }
}

async function check(unnamed: DropItem, signal: AbortSignal): Promise<void> {
  const { id, file, store, day } = unnamed;
  if (file.size > MAX_UPLOAD_BYTES) throw new SendError('unusable', TOO_LARGE);
  const { rules, limits } = await get<RulesAnswer>(`/stores/${encodeURIComponent(store)}/rules`, {}, signal);
  // The same file may be sent again under the same name, but no two files wait under one name.
  const others = items.filter(
    (other) => other.id !== id && other.store === store && other.state.kind !== 'sent',
  );
  const taken = others.map(({ fileName }) => fileName);
  const own = nameToSend(file);
  const named = day === undefined ? own : addDateToName(own, day, rules.profile?.fileDay, taken);
  const item = { ...unnamed, fileName: named ?? own };
  change(id, { fileName: item.fileName });
  const request = { file, key: keyOf(item), receivedAt: new Date().toISOString(), rules, limits };
  const onProgress = ({ rows, bytes }: Progress) => change(id, { state: { kind: 'checking', rows, bytes } });
  const verdicts = await checkFile(request, onProgress, signal);
  const isUndated = day !== undefined || lacksDate(verdicts);
  const days = isUndated ? findDays(own, rules) : undefined;
  change(id, { state: { kind: 'checked' }, verdicts, days });
  // A file that is not sent is not a reason to wake a paused database.
  if (isLedgerAwake()) await findKnown(item, signal);
}

/** Finds earlier uploads of the same name. Without an answer the file can be sent all the same. */
async function findKnown(item: DropItem, signal: AbortSignal): Promise<void> {
  const { id, store, fileName } = item;
  try {
    const { uploads } = await get<UploadsAnswer>('/uploads', { store, name: fileName }, signal);
    const known = uploads.filter(({ key, status }) => key === keyOf(item) && status !== 'superseded');
    if (!signal.aborted) change(id, { known });
  } catch {
    signal.throwIfAborted();
  }
}

async function send(item: DropItem, signal: AbortSignal): Promise<void> {
  const { id, file, store, fileName } = item;
  const onProgress = (bytes: number) => change(id, { state: { kind: 'sending', bytes } });
  const versionId = await sendFile({ store, fileName, file, onProgress, signal });
  change(id, { state: { kind: 'sent', at: Date.now(), versionId } });
  pokeStatus();
}
