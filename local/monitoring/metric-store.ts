/** Identity of a metric. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The values of one minute. */
interface Minute {
  count: number;
  sum: number;
  min: number;
  max: number;
}

/** CloudWatch user guide, "CloudWatch statistics definitions"; without percentiles, which need every value. */
const STATISTICS: Readonly<Record<string, (minute: Minute) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};
const MINUTE_MILLISECONDS = 60_000;

export function isKnownStatistic(statistic: string): boolean {
  return Object.hasOwn(STATISTICS, statistic);
}

/** The minute of a time, in minutes since the epoch. */
export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MILLISECONDS);
}

function keyOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

/** The values of the watched metrics, by minute, as long as they are needed. It begins empty. */
export class MetricStore {
  #series = new Map<string, { keptMinutes: number; minutes: Map<number, Minute> }>();

  /** Keeps the values of a metric from now on. */
  watch(metric: MetricName, keptMinutes: number): void {
    const key = keyOf(metric);
    const known = this.#series.get(key);
    this.#series.set(key, {
      keptMinutes: Math.max(keptMinutes, known?.keptMinutes ?? 0),
      minutes: known?.minutes ?? new Map(),
    });
  }

  /** Adds values of a metric. Those of a metric that is not watched are dropped. */
  record(metric: MetricName, values: readonly number[], time: number): void {
    const series = this.#series.get(keyOf(metric));
    if (series === undefined) return;
    const { keptMinutes, minutes } = series;
    const at = minuteOf(time);
    const minute = minutes.get(at) ?? {
      count: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
    };
    for (const value of values) {
      minute.count++;
      minute.sum += value;
      minute.min = Math.min(minute.min, value);
      minute.max = Math.max(minute.max, value);
    }
    if (minutes.has(at)) return;
    minutes.set(at, minute);
    for (const old of minutes.keys()) if (old <= at - keptMinutes) minutes.delete(old);
  }

  /**
   * Returns a statistic over some minutes.
   * @param end minute after the last one
   * @returns undefined without values
   */
  read(metric: MetricName, statistic: string, start: number, end: number): number | undefined {
    const minutes = this.#series.get(keyOf(metric))?.minutes;
    const found = [...(minutes ?? [])].filter(([at]) => at >= start && at < end).map(([, minute]) => minute);
    if (found.length === 0) return undefined;
    return STATISTICS[statistic]!({
      count: found.reduce((sum, { count }) => sum + count, 0),
      sum: found.reduce((total, { sum }) => total + sum, 0),
      min: Math.min(...found.map(({ min }) => min)),
      max: Math.max(...found.map(({ max }) => max)),
    });
  }
}
