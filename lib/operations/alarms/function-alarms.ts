import { Duration } from 'aws-cdk-lib';
import type { PipelineFunction } from '../../pipeline/function.ts';
import type { Settings } from '../../settings/read-settings.ts';
import { type AlarmSection, above } from './alarm.ts';

/** A message that crashes its function returns after at least half an hour: one period, and so one alarm, covers both. */
const HOUR = Duration.hours(1);
const MILLISECONDS_PER_SECOND = 1_000;

/** Alarms that every function has: errors, throttles, and a duration near its timeout. */
export function functionAlarms(fn: PipelineFunction, { alarmDurationPercent }: Settings): AlarmSection {
  const { stem, folder, checkpointShare } = fn;
  const timeoutSeconds = fn.timeout!.toSeconds();
  // A function that writes a checkpoint uses its time up to there on purpose: only the rest of the time counts.
  const limitPercent =
    checkpointShare === 0
      ? alarmDurationPercent
      : Math.round(100 * (1 - checkpointShare) + alarmDurationPercent * checkpointShare);
  return {
    title: `${stem}: function ${folder}`,
    graphs: {
      Invocations: [fn.metricInvocations({ label: 'invocations' })],
      'Duration, milliseconds': [
        fn.metricDuration({ statistic: 'p50', label: 'median' }),
        {
          heading: `${stem}/DurationNearLimit`,
          meaning: `The function ${folder} used more than ${limitPercent} % of its timeout of ${timeoutSeconds} s.`,
          metric: fn.metricDuration({ statistic: 'Maximum', label: 'longest' }),
          ...above(Math.round(timeoutSeconds * MILLISECONDS_PER_SECOND * (limitPercent / 100))),
        },
      ],
      'Errors and throttles per hour': [
        {
          heading: `${stem}/Errors`,
          meaning: `The function ${folder} failed, crashed or timed out.`,
          metric: fn.metricErrors({ period: HOUR, label: 'errors' }),
          ...above(0),
        },
        {
          heading: `${stem}/Throttles`,
          meaning: `Lambda throttled the function ${folder}.`,
          metric: fn.metricThrottles({ period: HOUR, label: 'throttles' }),
          ...above(0),
        },
      ],
    },
  };
}
