import { Duration } from 'aws-cdk-lib';
import { CHECKPOINT_TIME_SHARE } from '../../lambdas/parse/environment.ts';
import type { PipelineFunction } from '../pipeline/function.ts';
import type { StageMonitoring } from './stage-monitoring.ts';
import { above } from './thresholds.ts';

/** A message that crashes its function comes back half an hour later or more: as long, it is one and the same alarm. */
const HOUR = Duration.hours(1);
const MILLISECONDS_PER_SECOND = 1_000;

export interface FunctionAlarmsProps {
  /** The stage of the pipeline, as its construct is called: `Parse`, `Load` … */
  readonly stem: string;
  readonly watched: PipelineFunction;
  /**
   * Whether the function goes on in another invocation when its time is nearly up.
   * @default false
   */
  readonly handsOver?: boolean;
}

/** Errors, throttles, and durations near the limit, of one function. */
export function monitorFunction(monitoring: StageMonitoring, props: FunctionAlarmsProps): void {
  const { stem, watched, handsOver = false } = props;
  const { folder, timeoutSeconds } = watched;
  const limitPercent = durationLimitPercent(monitoring.settings.alarmDurationPercent, handsOver);
  const errors = monitoring.watch(watched.metricErrors({ period: HOUR, label: 'errors' }), {
    heading: `${stem}/Errors`,
    severity: 'warning',
    meaning: `The function ${folder} failed, crashed or ran out of time.`,
    ...above(0),
  });
  const throttles = monitoring.watch(watched.metricThrottles({ period: HOUR, label: 'throttles' }), {
    heading: `${stem}/Throttles`,
    severity: 'warning',
    meaning: `Lambda refused to start the function ${folder}.`,
    ...above(0),
  });
  const longest = monitoring.watch(watched.metricDuration({ statistic: 'Maximum', label: 'longest' }), {
    heading: `${stem}/DurationNearLimit`,
    severity: 'warning',
    meaning: `The function ${folder} took more than ${limitPercent} % of its ${timeoutSeconds} s.`,
    ...above(Math.round(timeoutSeconds * MILLISECONDS_PER_SECOND * (limitPercent / 100))),
  });
  const median = watched.metricDuration({ statistic: 'p50', label: 'median' });
  const invocations = watched.metricInvocations({ label: 'invocations' });
  monitoring.monitorCustom({
    humanReadableName: `${stem}: function ${folder}`,
    alarmFriendlyName: stem,
    metricGroups: [
      { title: 'Invocations', metrics: [invocations] },
      { title: 'Duration, milliseconds', metrics: [median, longest] },
      { title: 'Errors and throttles of the hour', metrics: [errors, throttles] },
    ],
  });
}

/** What hands over near its limit uses its time up to there on purpose: only the rest of it counts. */
function durationLimitPercent(percent: number, handsOver: boolean): number {
  if (!handsOver) return percent;
  return Math.round(100 * (1 - CHECKPOINT_TIME_SHARE) + percent * CHECKPOINT_TIME_SHARE);
}
