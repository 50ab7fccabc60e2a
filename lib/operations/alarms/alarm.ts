import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { AlarmTopics, Severity } from '../alarm-topics.ts';

/** An alarm looks back over at most seven days (PutMetricAlarm, API reference). */
const MAX_HOURS = 168;
/** CloudWatch user guide, "Alarm warm-up periods". */
const MAX_WARM_UP_MINUTES = 2_880;

/** The definition of an alarm. */
export interface AlarmDefinition extends Threshold {
  /** Heading in docs/runbook.md. The alarm is named after the stage and the heading, such as `Load/DlqNotEmpty`. */
  readonly heading: string;
  readonly severity: Severity;
  /** States the problem in one sentence. */
  readonly meaning: string;
  readonly metric: IMetric;
}

/** One graph of the operators' dashboard: the metrics of its alarms with their thresholds, and other metrics. */
export interface AlarmGraph {
  readonly title: string;
  readonly alarms?: readonly AlarmDefinition[];
  readonly metrics?: readonly IMetric[];
  /** @default false */
  readonly stacked?: boolean;
}

/** One row of the operators' dashboard. */
export interface AlarmSection {
  readonly title: string;
  readonly graphs: readonly AlarmGraph[];
}

interface Threshold {
  readonly threshold: number;
  /** Number of consecutive periods that raise the alarm. */
  readonly periods: number;
  readonly comparison: ComparisonOperator;
  readonly missingData: TreatMissingData;
  /**
   * Minutes after its creation in which the alarm is not evaluated.
   * @default 0
   */
  readonly warmUpMinutes?: number;
}

/** Raises an alarm when a metric is above a value. Missing data is not breaching: an idle or paused stage emits none. */
export function above(threshold: number, periods = 1): Threshold {
  const comparison = ComparisonOperator.GREATER_THAN_THRESHOLD;
  return { threshold, periods, comparison, missingData: TreatMissingData.NOT_BREACHING };
}

/** Raises an alarm when a run found something. A later run, hours or days afterwards, that finds nothing ends it. */
export const foundByLastRun: Threshold = { ...above(0), missingData: TreatMissingData.IGNORE };

/**
 * Raises an alarm when a metric with a period of one hour has no data for a number of hours. A new stage has these
 * hours for its first run.
 */
export function silentFor(hours: number): Threshold {
  const periods = Math.min(hours, MAX_HOURS);
  return {
    threshold: 1,
    periods,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: TreatMissingData.BREACHING,
    warmUpMinutes: Math.min(periods * 60, MAX_WARM_UP_MINUTES),
  };
}

/** Creates an alarm. Its topic receives a message when the alarm is raised and when it ends. */
export function createAlarm(scope: Construct, topics: AlarmTopics, definition: AlarmDefinition): Alarm {
  const { heading, severity, meaning, metric, warmUpMinutes = 0 } = definition;
  const alarm = new Alarm(scope, heading.replace('/', ''), {
    alarmName: topics.alarmName(heading),
    alarmDescription: `[${severity}] ${meaning} See docs/runbook.md, "${heading}".`,
    metric,
    threshold: definition.threshold,
    comparisonOperator: definition.comparison,
    evaluationPeriods: definition.periods,
    datapointsToAlarm: definition.periods,
    treatMissingData: definition.missingData,
  });
  const action = new SnsAction(topics.topics[severity]);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  if (warmUpMinutes > 0) {
    // The construct does not support the warm-up period yet.
    (alarm.node.defaultChild as CfnAlarm).warmUpConfiguration = {
      warmUpPeriodDurationInMinutes: warmUpMinutes,
      onlyStartEvaluatingAfterWarmUpPeriodEnds: true,
    };
  }
  return alarm;
}
