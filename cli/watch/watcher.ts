import { setTimeout as sleep } from 'node:timers/promises';
import { type FileReceipt, summarizeReceipt, writeReceiptText } from '../../lambdas/core/file-receipt.ts';
import { classifyError } from '../../lambdas/shared/errors.ts';
import { type Io, quoteForShell } from '../output/console.ts';
import type { FoundFile, ResultFolder, ShopFolder } from './folder.ts';
import type { ShopBucket, ShopFile } from './shop-bucket.ts';

const LOOK_MILLISECONDS = 1_000;
const MAX_DELAY_MILLISECONDS = 60_000;
/** Maximum of an upload in one request (S3 user guide, "Uploading objects"). */
const MAX_BYTES = 5 * 1024 ** 3;
/** Errors of S3 that pass though their status is below 500 (S3 API reference, "Error responses"). */
const PASSING = ['RequestTimeout', 'ConditionalRequestConflict', 'OperationAborted', 'TimeoutError'];
/** An empty file is more likely to be filled soon. */
const EMPTY_PATIENCE = 12;
/** Workbooks of Excel that the pipeline does not read. */
const OTHER_WORKBOOK = /\.xlsb?$/i;

/** A file between its first sight and its move. */
interface TrackedFile {
  readonly state: string;
  /** Time since which it is unchanged, in milliseconds. */
  readonly since: number;
  sent?: SentFile;
}

/** A file that the bucket has. */
interface SentFile {
  readonly file: ShopFile;
  /** Undefined if an earlier start uploaded it. */
  readonly versionId: string | undefined;
  lookAt: number;
  delay: number;
}

/**
 * Uploads what is saved in a folder, and moves each file when its receipt is there. The folder is the only state: a file
 * that is still in it after a restart is looked for in the bucket, and uploaded only if the bucket does not have it.
 */
export class Watcher {
  readonly #folder: ShopFolder;
  readonly #bucket: ShopBucket;
  readonly #io: Io;
  readonly #settleMilliseconds: number;
  readonly #lookMilliseconds: number;
  #tracked = new Map<string, TrackedFile>();
  #told = new Set<string>();

  /** @param lookMilliseconds time between two looks, which doubles while the network is away */
  constructor(
    folder: ShopFolder,
    bucket: ShopBucket,
    io: Io,
    settleMilliseconds: number,
    lookMilliseconds = LOOK_MILLISECONDS,
  ) {
    this.#folder = folder;
    this.#bucket = bucket;
    this.#io = io;
    this.#settleMilliseconds = settleMilliseconds;
    this.#lookMilliseconds = lookMilliseconds;
  }

  /** Number of files that wait for their receipt. */
  get waiting(): number {
    return [...this.#tracked.values()].filter(({ sent }) => sent !== undefined).length;
  }

  /**
   * Runs until the signal.
   * @throws an error of S3 that does not pass
   */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
        if (failures > 0) this.#io.note('Connected again.');
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) throw error;
        if (failures === 0) this.#io.note(`Trying again until it works: ${describe(error as Error)}.`);
        failures++;
      }
      const delay = Math.min(MAX_DELAY_MILLISECONDS, this.#lookMilliseconds * 2 ** failures);
      await sleep(delay, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { files, skipped } = await this.#folder.list();
    for (const name of skipped) {
      const advice = OTHER_WORKBOOK.test(name) ? 'save it as .xlsx' : 'it stays where it is';
      this.#tellOnce(name, `is not a file that the pipeline reads: ${advice}`);
    }
    const names = new Set(files.map(({ name }) => name));
    for (const name of this.#tracked.keys()) if (!names.has(name)) this.#tracked.delete(name);
    for (const found of files) {
      if (signal.aborted) return;
      await this.#step(found, signal).catch(async (error: NodeJS.ErrnoException) => {
        // Another program has it open, or writes it: it is looked at again once it is unchanged.
        if (isFileError(error)) this.#tellOnce(found.name, `cannot be read or moved yet (${error.code})`);
        else if (!(await this.#folder.hasChanged(found))) throw error;
        this.#tracked.delete(found.name);
      });
    }
  }

  async #step(found: FoundFile, signal: AbortSignal): Promise<void> {
    const { name, size, state } = found;
    const now = performance.now();
    const tracked = this.#tracked.get(name);
    if (tracked?.state !== state) {
      this.#tracked.set(name, { state, since: now });
      return;
    }
    if (now - tracked.since < this.#settleMilliseconds * (size === 0 ? EMPTY_PATIENCE : 1)) return;
    if (size > MAX_BYTES) {
      this.#tellOnce(name, 'has more than 5 GiB: split it');
      return;
    }
    if (tracked.sent === undefined) {
      const file = await this.#folder.read(found);
      if (await this.#folder.hasChanged(found)) return;
      tracked.sent = await this.#send(file, signal);
    }
    const { sent } = tracked;
    if (now < sent.lookAt) return;
    const receipt = await this.#bucket.findReceipt(sent.file, sent.versionId, signal);
    if (receipt === undefined) {
      sent.lookAt = performance.now() + sent.delay;
      sent.delay = Math.min(MAX_DELAY_MILLISECONDS, sent.delay * 1.5);
      if (sent.delay === MAX_DELAY_MILLISECONDS) {
        this.#tellOnce(name, 'is uploaded, and stays here until its result is there');
      }
    } else if (!(await this.#folder.hasChanged(found))) {
      await this.#finish(sent.file, receipt);
    }
  }

  /** Uploads a file unless the bucket has it, or if a person saved it again because of a problem. */
  async #send(file: ShopFile, signal: AbortSignal): Promise<SentFile> {
    const wait = { file, lookAt: 0, delay: this.#lookMilliseconds };
    let versionId = await this.#bucket.put(file, false, signal);
    if (versionId === undefined) {
      const earlier = await this.#bucket.findReceipt(file, undefined, signal);
      if (earlier === undefined || isFine(earlier)) return { ...wait, versionId };
      versionId = await this.#bucket.put(file, true, signal);
    }
    this.#io.note(`${formatNow()}  uploaded: ${file.name}`);
    return { ...wait, versionId };
  }

  async #finish(file: ShopFile, receipt: FileReceipt): Promise<void> {
    const result: ResultFolder = isFine(receipt) ? 'sent' : 'problems';
    const target = await this.#folder.move(file, result, writeReceiptText(receipt));
    this.#tracked.delete(file.name);
    this.#told.delete(file.name);
    this.#io.print(`${formatNow()}  ${summarizeReceipt(receipt)} → ${quoteForShell(target)}`);
  }

  #tellOnce(name: string, what: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#io.note(`${quoteForShell(name)} ${what}.`);
  }
}

/** True if every row of a file is in the table, and none was taken out later. */
function isFine({ status, totals, rows: { read, inserted, duplicate } }: FileReceipt): boolean {
  return status === 'complete' && read === inserted + duplicate && totals === undefined;
}

/** True for an error that ends without a change: the network, or the share with the folder, is away. */
function isPassing(error: unknown): boolean {
  const { name, code } = Object(error) as Partial<NodeJS.ErrnoException>;
  return (
    classifyError(error, 'permanent') === 'transient' ||
    PASSING.includes(name ?? '') ||
    (isFileError(error as Error) && code !== 'EACCES')
  );
}

function isFileError({ path }: NodeJS.ErrnoException): boolean {
  return path !== undefined;
}

function describe({ message, name }: Error): string {
  return message || name;
}

function formatNow(): string {
  return new Date().toISOString().slice(0, 19).replace('T', ' ');
}
