import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StageQueue } from '../pipeline/step-queue.ts';
import type { StageMonitoring } from './stage-monitoring.ts';
import { above } from './thresholds.ts';

export interface QueueAlarmsProps {
  /** The stage of the pipeline, as its construct is called: `Parse` or `Load`. */
  readonly stem: string;
  readonly messages: StageQueue;
  /** What the messages are, in the plural. */
  readonly content: string;
  readonly maxAgeMinutes: number;
  readonly maxDepth: number;
}

/** Age and depth of a stage's queue, whether anything gets out of it, and its dead-letter queue. */
export function monitorQueue(monitoring: StageMonitoring, props: QueueAlarmsProps): void {
  const { stem, messages, content, maxAgeMinutes, maxDepth } = props;
  const { queue, deadLetterQueue } = messages;
  const age = monitoring.watch(queue.metricApproximateAgeOfOldestMessage({ label: 'seconds' }), {
    heading: `${stem}/QueueAge`,
    severity: 'critical',
    meaning: `The oldest of the ${content} waits for more than ${maxAgeMinutes} minutes.`,
    ...above(maxAgeMinutes * 60),
  });
  const depth = monitoring.watch(depthOf(queue), {
    heading: `${stem}/QueueDepth`,
    severity: 'warning',
    meaning: `More than ${maxDepth} ${content} wait, for 15 minutes by now.`,
    ...above(maxDepth, 3),
  });
  const stalledHours = Math.max(2, Math.ceil(maxAgeMinutes / 60));
  const stalled = monitoring.watch(stallOf(queue), {
    heading: `${stem}/Stalled`,
    severity: 'critical',
    meaning: `For ${stalledHours} hours ${content} were tried, and none got out of their queue.`,
    ...above(0, stalledHours),
  });
  const dead = monitoring.watch(
    deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'messages' }),
    {
      heading: `${stem}/DlqNotEmpty`,
      severity: 'critical',
      meaning: `Some of the ${content} cannot be worked on.`,
      ...above(0),
    },
  );
  monitoring.monitorCustom({
    humanReadableName: `${stem}: queue of ${content}`,
    alarmFriendlyName: stem,
    metricGroups: [
      { title: `Age of the oldest of the ${content}, seconds`, metrics: [age] },
      { title: `How many ${content} wait`, metrics: [depth] },
      { title: `Hours in which none of the ${content} got out`, metrics: [stalled] },
      { title: 'Dead letters', metrics: [dead] },
    ],
  });
}

/** A message that waits for its next try counts as in flight: when the database is away, that is most of them. */
function depthOf(queue: Queue): MathExpression {
  return new MathExpression({
    expression: 'FILL(visible, 0) + FILL(inFlight, 0)',
    usingMetrics: {
      visible: queue.metricApproximateNumberOfMessagesVisible(),
      inFlight: queue.metricApproximateNumberOfMessagesNotVisible(),
    },
    label: 'waiting or in flight',
  });
}

/**
 * 1 in an hour in which messages were received and none was deleted. The age of the oldest message leaves out those
 * that were received more than three times (SQS developer guide, "Available CloudWatch metrics"), which in an outage
 * are all of them. They are tried every half an hour at least; an hour alone may be that of a large file.
 */
function stallOf(queue: Queue): MathExpression {
  const period = Duration.hours(1);
  return new MathExpression({
    expression: 'IF(received > 0 AND deleted < 1, 1, 0)',
    usingMetrics: {
      received: queue.metricNumberOfMessagesReceived({ period }),
      deleted: queue.metricNumberOfMessagesDeleted({ period }),
    },
    label: 'tried, and none got out',
    period,
  });
}
