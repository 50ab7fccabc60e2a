import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import type { AlarmTopics, Severity } from '../alarm-topics.ts';
import type { Rows } from '../dashboard-rows.ts';

/** An alarm looks back over at most seven days (PutMetricAlarm, API reference). */
const MAX_HOURS = 168;
/** CloudWatch user guide, "Alarm warm-up periods". */
const MAX_WARM_UP_MINUTES = 2_880;
/** Periods of five minutes for values that follow the load within seconds: short peaks are normal. */
export const LASTING_PERIODS = 3;

type Threshold = Pick<
  cloudwatch.AlarmProps,
  'threshold' | 'evaluationPeriods' | 'comparisonOperator' | 'treatMissingData'
>;

export interface AlarmDefinition {
  /** Heading in docs/runbook.md. The alarm is named after the stage and the heading, such as `Load/DlqNotEmpty`. */
  readonly heading: string;
  readonly severity: Severity;
  /** States the problem in one sentence. */
  readonly meaning: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: Threshold;
}

/** The lines of a dashboard's graphs, by the titles of the row and of the graph. The line of an alarm has a threshold. */
export type AlarmRows = Rows<AlarmDefinition | cloudwatch.IMetric>;

/** Raises an alarm when a metric is above a value. Missing data is not breaching: an idle or paused stage emits none. */
export function above(threshold: number, evaluationPeriods = 1): Threshold {
  const comparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD;
  const treatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING;
  return { threshold, evaluationPeriods, comparisonOperator, treatMissingData };
}

/** Raises an alarm when a run found something. A later run, hours or days afterwards, that finds nothing ends it. */
export const foundByLastRun: Threshold = {
  ...above(0),
  treatMissingData: cloudwatch.TreatMissingData.IGNORE,
};

/** Raises an alarm when a metric with a period of one hour has no data for a number of hours. */
export function silentFor(hours: number): Threshold {
  return {
    threshold: 1,
    evaluationPeriods: Math.min(hours, MAX_HOURS),
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.BREACHING,
  };
}

const define =
  (severity: Severity) =>
  (heading: string, meaning: string, metric: cloudwatch.IMetric, threshold = above(0)): AlarmDefinition => ({
    heading,
    severity,
    meaning,
    metric,
    threshold,
  });
export const critical = define('critical');
export const warning = define('warning');

/** Creates an alarm. Its topic receives a message when the alarm is raised and when it ends. */
export function createAlarm(
  scope: Construct,
  topics: AlarmTopics,
  definition: AlarmDefinition,
): cloudwatch.Alarm {
  const { heading, severity, meaning, metric, threshold } = definition;
  const alarm = new cloudwatch.Alarm(scope, heading.replace('/', ''), {
    alarmName: topics.alarmName(heading),
    alarmDescription: `[${severity}] ${meaning} See docs/runbook.md, "${heading}".`,
    metric,
    ...threshold,
    datapointsToAlarm: threshold.evaluationPeriods,
  });
  const action = new SnsAction(topics[severity]);
  alarm.addAlarmAction(action);
  alarm.addOkAction(action);
  if (threshold.treatMissingData === cloudwatch.TreatMissingData.BREACHING) {
    // A new stage has this time for its first run. The construct does not support the warm-up period yet.
    (alarm.node.defaultChild as cloudwatch.CfnAlarm).warmUpConfiguration = {
      warmUpPeriodDurationInMinutes: Math.min(threshold.evaluationPeriods * 60, MAX_WARM_UP_MINUTES),
      onlyStartEvaluatingAfterWarmUpPeriodEnds: true,
    };
  }
  return alarm;
}
