import { Duration } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { StepQueue } from '../../pipeline/step-queue.ts';
import { type AlarmSection, above, LASTING_PERIODS } from './alarm.ts';

export interface QueueAlarmsProps {
  /** First part of the headings: `Parse` or `Load`. */
  readonly stem: string;
  readonly queue: StepQueue;
  /** Name of the messages, in the plural. */
  readonly content: string;
  readonly maxAgeMinutes: number;
  readonly maxDepth: number;
}

/** Alarms of the queue in front of a step: age, depth, no progress, and dead letters. */
export function queueAlarms(props: QueueAlarmsProps): AlarmSection {
  const { stem, content, maxAgeMinutes, maxDepth } = props;
  const { queue, deadLetterQueue } = props.queue;
  const stalledHours = Math.max(2, Math.ceil(maxAgeMinutes / 60));
  const period = Duration.hours(1);
  return {
    title: `${stem}: queue of ${content}`,
    graphs: {
      'Age of the oldest message, seconds': [
        {
          heading: `${stem}/QueueAge`,
          severity: 'critical',
          meaning: `The oldest of the ${content} has been waiting for more than ${maxAgeMinutes} minutes.`,
          metric: queue.metricApproximateAgeOfOldestMessage({ label: 'seconds' }),
          ...above(maxAgeMinutes * 60),
        },
      ],
      [`Number of waiting ${content}`]: [
        {
          heading: `${stem}/QueueDepth`,
          meaning: `More than ${maxDepth} ${content} have been waiting for 15 minutes.`,
          // During an outage of the database most messages are in flight: they wait for their next retry.
          metric: new MathExpression({
            expression: 'FILL(visible, 0) + FILL(inFlight, 0)',
            usingMetrics: {
              visible: queue.metricApproximateNumberOfMessagesVisible(),
              inFlight: queue.metricApproximateNumberOfMessagesNotVisible(),
            },
            label: 'waiting or in flight',
          }),
          ...above(maxDepth, LASTING_PERIODS),
        },
      ],
      'Hours without progress': [
        {
          heading: `${stem}/Stalled`,
          severity: 'critical',
          meaning: `No message has left the queue of ${content} for ${stalledHours} hours, despite retries.`,
          // 1 for an hour in which messages were received and none was deleted. The age of the oldest message excludes
          // messages that were received more than three times (SQS developer guide, "Available CloudWatch metrics"),
          // which in an outage are all of them. Messages are retried at least every half hour; one hour alone may belong
          // to a large file.
          metric: new MathExpression({
            expression: 'IF(received > 0 AND deleted < 1, 1, 0)',
            usingMetrics: {
              received: queue.metricNumberOfMessagesReceived({ period }),
              deleted: queue.metricNumberOfMessagesDeleted({ period }),
            },
            label: 'retried without progress',
            period,
          }),
          ...above(0, stalledHours),
        },
      ],
      'Dead letters': [
        {
          heading: `${stem}/DlqNotEmpty`,
          severity: 'critical',
          meaning: `The dead-letter queue of ${content} has messages.`,
          metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'messages' }),
          ...above(0),
        },
      ],
    },
  };
}
