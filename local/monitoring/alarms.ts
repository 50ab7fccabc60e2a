import type { AlarmMetric, AlarmModel } from '../assembly/readers/alarm-readers.ts';
import { type AlarmState, evaluate, evaluationRangeOf } from './evaluate.ts';
import { type Formula, readExpression } from './metric-math.ts';
import { isKnownStatistic, type MetricName, type MetricStore, minuteOf } from './metric-store.ts';

const MINUTE_MILLISECONDS = 60_000;

const COMPARISONS: Readonly<
  Record<AlarmModel['comparison'], readonly [words: string, (value: number, threshold: number) => boolean]>
> = {
  GreaterThanThreshold: ['greater than', (value, threshold) => value > threshold],
  GreaterThanOrEqualToThreshold: ['greater than or equal to', (value, threshold) => value >= threshold],
  LessThanThreshold: ['less than', (value, threshold) => value < threshold],
  LessThanOrEqualToThreshold: ['less than or equal to', (value, threshold) => value <= threshold],
};

/** An alarm and its state. */
export interface WatchedAlarm {
  readonly model: AlarmModel;
  readonly state: AlarmState;
  readonly reason: string;
  /** Times of the last change of the reason and of the state, in milliseconds since the epoch. */
  readonly updatedAt: number;
  readonly transitionedAt: number;
}

interface Entry {
  readonly formula: Formula;
  /** Metric that no part of this machine produces. */
  readonly unmeasured: AlarmMetric | undefined;
  alarm: WatchedAlarm;
}

/** The alarms of the templates. Their states begin without data, as those of new alarms do. */
export class Alarms {
  #store: MetricStore;
  #startedAt: number;
  #entries: Entry[];

  /**
   * @param isProduced tells whether this machine has values of a metric
   * @throws {Error} naming an expression that the local cloud does not evaluate
   */
  constructor(
    models: readonly AlarmModel[],
    store: MetricStore,
    isProduced: (metric: MetricName) => boolean,
    now = Date.now(),
  ) {
    this.#store = store;
    this.#startedAt = now;
    this.#entries = models.map((model) => {
      const ids = model.metrics.map(({ id }) => id);
      const unmeasured = model.metrics.find(
        (each) => !(isProduced(each) && isKnownStatistic(each.statistic)),
      );
      const keptMinutes = (evaluationRangeOf(model) * model.periodSeconds) / 60;
      for (const metric of unmeasured === undefined ? model.metrics : []) store.watch(metric, keptMinutes);
      const reason = unmeasured ? explainUnmeasured(unmeasured) : 'Unchecked: Initial alarm creation';
      return {
        formula: readExpression(model.expression, ids),
        unmeasured,
        alarm: { model, state: 'INSUFFICIENT_DATA', reason, updatedAt: now, transitionedAt: now },
      };
    });
  }

  list(): WatchedAlarm[] {
    return this.#entries.map(({ alarm }) => alarm);
  }

  /** Evaluates the alarms, as CloudWatch does every minute. The present minute counts as far as it has passed. */
  evaluate(now = Date.now()): void {
    for (const entry of this.#entries) {
      const { model, state } = entry.alarm;
      const isWarm = now >= this.#startedAt + model.warmUpMinutes * MINUTE_MILLISECONDS;
      if (entry.unmeasured !== undefined) continue;
      if (!isWarm) {
        this.#set(entry, 'INSUFFICIENT_DATA', `Warming up for ${model.warmUpMinutes} minutes.`, now);
        continue;
      }
      const values = this.#readPoints(entry, now);
      const [words, isBreaching] = COMPARISONS[model.comparison];
      const points = values.map((value) =>
        value === undefined ? undefined : isBreaching(value, model.threshold),
      );
      const found = values.filter((value) => value !== undefined).slice(0, model.evaluationPeriods);
      const next = evaluate(model, points, state);
      const isKept = found.length === 0 && model.missingData === 'ignore';
      if (isKept && state !== 'INSUFFICIENT_DATA') continue;
      this.#set(entry, next, explain(model, next, found, words), now);
    }
  }

  /** The data points of the evaluation range, the newest first: each period ends a number of periods ago. */
  #readPoints({ alarm: { model }, formula }: Entry, now: number): (number | undefined)[] {
    const minutes = model.periodSeconds / 60;
    return Array.from({ length: evaluationRangeOf(model) }, (_, index) => {
      const end = minuteOf(now) + 1 - index * minutes;
      const values = model.metrics.map((metric) => {
        return [metric.id, this.#store.read(metric, metric.statistic, end - minutes, end)] as const;
      });
      return formula(Object.fromEntries(values));
    });
  }

  #set(entry: Entry, state: AlarmState, reason: string, now: number): void {
    const { alarm } = entry;
    if (state === alarm.state && reason === alarm.reason) return;
    const transitionedAt = state === alarm.state ? alarm.transitionedAt : now;
    entry.alarm = { ...alarm, state, reason, updatedAt: now, transitionedAt };
  }
}

function explainUnmeasured({ namespace, name, statistic }: AlarmMetric): string {
  return `Not measured on this machine: ${statistic} of ${namespace} ${name}.`;
}

/** Explains a state in the words of CloudWatch. */
function explain(
  { evaluationPeriods, missingData, threshold }: AlarmModel,
  state: AlarmState,
  found: readonly number[],
  words: string,
): string {
  if (state === 'INSUFFICIENT_DATA') return 'Insufficient Data: no data points were received.';
  if (found.length === 0) {
    const treatment = missingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    const count = evaluationPeriods === 1 ? '1 period' : `${evaluationPeriods} periods`;
    return `Threshold Crossed: no datapoints were received for ${count} and missing datapoints were treated as [${treatment}].`;
  }
  const verb = state === 'ALARM' ? 'was' : 'was not';
  const points = found.length === 1 ? '1 datapoint' : `${found.length} datapoints`;
  return `Threshold Crossed: ${points} [${found.map(writeNumber).join(', ')}] ${verb} ${words} the threshold (${writeNumber(threshold)}).`;
}

function writeNumber(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}
