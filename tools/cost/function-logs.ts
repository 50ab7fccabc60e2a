import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readReports } from '../../local/functions/platform-log.ts';
import type { FunctionName, Work } from './consumption.ts';

/** CloudWatch counts so many bytes more for each event (CloudWatch Logs API reference, PutLogEvents). */
const BYTES_PER_EVENT = 26;
const PATIENCE_MILLISECONDS = 30_000;

/** What a function wrote since the last time. */
export interface LoggedWork {
  readonly work: Work;
  readonly logBytes: number;
  readonly metrics: ReadonlySet<string>;
  /** Processor time of the starts. */
  readonly startMilliseconds: readonly number[];
}

/** Reads the logs of a local cloud's functions piece by piece. */
export class FunctionLogs {
  #dir: string;
  #read = new Map<FunctionName, number>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** @param invocations that must have been reported @throws {Error} where they are not, after a while */
  async take(name: FunctionName, invocations: number): Promise<LoggedWork> {
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const text = (await this.#text(name)).slice(this.#read.get(name) ?? 0);
      const reports = readReports(text);
      if (reports.length >= invocations && text.endsWith('\n')) {
        this.#read.set(name, (this.#read.get(name) ?? 0) + text.length);
        return summarize(text);
      }
      if (Date.now() > deadline) throw new Error(`the log of ${name} has not ${invocations} invocations`);
      await sleep(100);
    }
  }

  async #text(name: FunctionName): Promise<string> {
    const file = (await readdir(this.#dir)).find((entry) => entry.includes(name));
    return file === undefined ? '' : readFile(join(this.#dir, file), 'latin1');
  }
}

function summarize(text: string): LoggedWork {
  const reports = readReports(text);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const cpu = sum(reports.map(({ cpuMilliseconds }) => cpuMilliseconds));
  const duration = sum(reports.map(({ durationMilliseconds }) => durationMilliseconds));
  const lines = text.split('\n').filter((line) => line !== '');
  const metrics = lines.flatMap((line) => [...line.matchAll(/"Name":"(\w+)"/g)].map(([, name]) => name!));
  return {
    work: {
      invocations: reports.length,
      cpuMilliseconds: cpu,
      waitMilliseconds: Math.max(0, duration - cpu),
    },
    logBytes: text.length + lines.length * BYTES_PER_EVENT,
    metrics: new Set(metrics),
    startMilliseconds: reports.flatMap(({ initMilliseconds = [] }) => initMilliseconds),
  };
}
