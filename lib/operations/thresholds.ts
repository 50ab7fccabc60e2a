import { type CfnAlarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IAlarmActionStrategy } from 'cdk-monitoring-constructs';

/** An alarm looks back over seven days at the most (PutMetricAlarm, API reference). */
const LONGEST_HOURS = 168;
/** CloudWatch user guide, "Alarm warm-up periods". */
const LONGEST_WARM_UP_MINUTES = 2_880;

/** When an alarm is raised. */
export interface Threshold {
  readonly threshold: number;
  readonly comparisonOperator: ComparisonOperator;
  /** @default not breaching: a stage that is idle or paused emits nothing, and that is no alarm */
  readonly treatMissingDataOverride?: TreatMissingData;
  /** @default 1 */
  readonly evaluationPeriods?: number;
  /** @default 1 */
  readonly datapointsToAlarm?: number;
  /**
   * Minutes after its creation for which the alarm says nothing.
   * @default 0
   */
  readonly warmUpMinutes?: number;
}

/** Raised by so many periods above a value, one behind the other. */
export function above(threshold: number, periods = 1): Threshold {
  return {
    threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
  };
}

/** Raised by a run that found something, and over when a later run, hours or days after it, finds nothing. */
export const foundByLastRun: Threshold = {
  ...above(0),
  treatMissingDataOverride: TreatMissingData.IGNORE,
};

/**
 * Raised when a metric, of a period of one hour, has had nothing for so many hours. A stage that was deployed for the
 * first time is given these hours for its first run.
 */
export function silentFor(hours: number): Threshold {
  const periods = Math.min(hours, LONGEST_HOURS);
  return {
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingDataOverride: TreatMissingData.BREACHING,
    evaluationPeriods: periods,
    datapointsToAlarm: periods,
    warmUpMinutes: Math.min(periods * 60, LONGEST_WARM_UP_MINUTES),
  };
}

/** What makes an alarm wait: the monitoring library and the construct of the alarm do not know it yet. */
export function warmUp(minutes: number): IAlarmActionStrategy {
  return {
    addAlarmActions({ alarm }) {
      (alarm.node.defaultChild as CfnAlarm).warmUpConfiguration = {
        warmUpPeriodDurationInMinutes: minutes,
        onlyStartEvaluatingAfterWarmUpPeriodEnds: true,
      };
    },
  };
}
