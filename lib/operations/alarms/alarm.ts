import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { AlarmSeverity } from '../../../lambdas/core/api-answers.ts';
import { type AlarmText, alarmPrefixOf, describeAlarm } from '../../../lambdas/shared/alarms.ts';
import { allowService } from '../../access/statements.ts';
import type { DataStack } from '../../data/data-stack.ts';

/** An alarm looks back over at most seven days (PutMetricAlarm, API reference). */
const MAX_HOURS = 168;
/** CloudWatch user guide, "Alarm warm-up periods". */
const MAX_WARM_UP_MINUTES = 2_880;
/** Periods of five minutes for values that follow the load within seconds: short peaks are normal. */
export const LASTING_PERIODS = 3;
/** Domains reserved for documentation (RFC 2606). */
const RESERVED_DOMAIN = /@(.+\.)?example\.(com|net|org)$/i;

export type Severity = AlarmSeverity;

type Threshold = Pick<
  cloudwatch.AlarmProps,
  'threshold' | 'evaluationPeriods' | 'comparisonOperator' | 'treatMissingData'
>;

/** The alarm is named after the stage and the heading, such as `Load/DlqNotEmpty`. */
export interface AlarmDefinition extends AlarmText {
  readonly metric: cloudwatch.IMetric;
  readonly threshold: Threshold;
  /** The subject of one of several alarms with the same heading, such as a store. */
  readonly subject?: string;
}

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

/** A topic for each severity, so that a phone can subscribe to critical alarms only. */
export class AlarmTopics extends Construct {
  readonly critical: Topic;
  readonly warning: Topic;
  readonly #stage: string;

  constructor(scope: Construct, id: string, data: DataStack) {
    super(scope, id);
    const { stage, alarmEmails } = data.settings;
    this.#stage = stage;
    this.critical = this.#createTopic('Critical', 'critical', data);
    this.warning = this.#createTopic('Warning', 'warning', data);
    for (const email of alarmEmails.filter((address) => RESERVED_DOMAIN.test(address))) {
      Annotations.of(this).addWarningV2(
        'retail:alarmEmails',
        `retail:alarmEmails has ${email}, an address without a mailbox: write the addresses that receive the alarms of the stage ${stage}`,
      );
    }
  }

  /** Name of an alarm of the stage, by its heading in docs/runbook.md. */
  alarmName(heading: string, subject?: string): string {
    return `${alarmPrefixOf(this.#stage)}${heading}${subject === undefined ? '' : ` (${subject})`}`;
  }

  #createTopic(id: string, severity: Severity, { settings, key }: DataStack): Topic {
    const stack = Stack.of(this);
    const { account, partition, region } = stack;
    const alarmArns = `arn:${partition}:cloudwatch:${region}:${account}:alarm:${this.alarmName('*')}`;
    const topic = new Topic(this, id, {
      displayName: `retail ${settings.stage}: ${severity}`,
      enforceSSL: true,
      ...(key && { masterKey: key }),
    });
    // The default policy of SNS, which this one replaces, allows it too: CloudWatch publishes for the owner.
    topic.addToResourcePolicy(
      allowService('cloudwatch', 'PublishAlarmsOfThisStage', ['sns:Publish'], topic.topicArn, {
        ArnLike: { 'aws:SourceArn': alarmArns },
        StringEquals: { 'aws:SourceAccount': account },
      }),
    );
    for (const email of settings.alarmEmails) topic.addSubscription(new EmailSubscription(email));
    new CfnOutput(stack, `${id}AlarmTopicArn`, { value: topic.topicArn });
    return topic;
  }
}

/** Creates an alarm. Its topic receives a message when the alarm is raised and when it ends. */
export function createAlarm(
  scope: Construct,
  topics: AlarmTopics,
  definition: AlarmDefinition,
): cloudwatch.Alarm {
  const { heading, severity, metric, threshold, subject } = definition;
  const alarm = new cloudwatch.Alarm(scope, heading.replace('/', '') + (subject ?? ''), {
    alarmName: topics.alarmName(heading, subject),
    alarmDescription: describeAlarm(definition),
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
