import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { allowService } from '../access/statements.ts';
import type { DataStack } from '../data/data-stack.ts';

/**
 * Severity of an alarm. `critical`: rows do not arrive, or are wrong. `warning`: it will get worse, a store has to be
 * told, or a safety net is missing.
 */
export type Severity = 'critical' | 'warning';

/** Domains reserved for documentation (RFC 2606). */
const RESERVED_DOMAIN = /@(.+\.)?example\.(com|net|org)$/i;

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
  alarmName(heading: string): string {
    return `retail-${this.#stage}/${heading}`;
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
