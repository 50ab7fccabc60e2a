import { plural } from '../../lambdas/core/plural.ts';
import type { Io } from './console.ts';
import { formatNumber } from './table.ts';

const BYTES_PER_MB = 1_000_000;
/** Time after which a rate means something. */
const MIN_MILLISECONDS = 500;

/** Items that are counted. */
export type Unit = 'rows' | 'bytes';

/** Shows how far some work is: percent, rate and time left, as far as they are known. */
export class ProgressMeter {
  #io: Io;
  #title: string;
  #unit: Unit;
  #total: number | undefined;
  #now: () => number;
  #start: number;

  /** @param total undefined if it is not known */
  constructor(io: Io, title: string, unit: Unit, total?: number, now: () => number = Date.now) {
    this.#io = io;
    this.#title = title;
    this.#unit = unit;
    this.#total = total;
    this.#now = now;
    this.#start = now();
  }

  /** @param note follows the numbers */
  show(done: number, note = ''): void {
    const { text, share } = this.describe(done);
    this.#io.showProgress(note === '' ? text : `${text}; ${note}`, share);
  }

  /** Removes the progress line. */
  end(): void {
    this.#io.showProgress(undefined);
  }

  describe(done: number): { readonly text: string; readonly share: number | undefined } {
    // A total may be an estimate: only the end is 100 %.
    const share = this.#total === undefined ? undefined : Math.min(done / Math.max(this.#total, 1), 0.99);
    const elapsed = this.#now() - this.#start;
    const rate = elapsed < MIN_MILLISECONDS || done === 0 ? undefined : (done / elapsed) * 1_000;
    const left =
      rate === undefined || this.#total === undefined || done >= this.#total
        ? undefined
        : (this.#total - done) / rate;
    const parts = [
      ...(share === undefined ? [] : [`${Math.floor(share * 100)} %`]),
      this.#format(done),
      ...(rate === undefined ? [] : [`${this.#format(rate)}/s`]),
      ...(left === undefined ? [] : [`${formatDuration(left)} left`]),
    ];
    return { text: `${this.#title}: ${parts.join(', ')}`, share };
  }

  #format(amount: number): string {
    if (this.#unit === 'bytes') return `${(amount / BYTES_PER_MB).toFixed(1)} MB`;
    const rows = Math.round(amount);
    return `${formatNumber(rows)} ${plural(rows, 'row')}`;
  }
}

/** Formats a time for people, such as "3 s", "2 min 5 s" or "1 h 3 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
