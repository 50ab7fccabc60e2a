import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
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
  readonly topics: Readonly<Record<Severity, Topic>>;
  readonly #stage: string;

  constructor(scope: Construct, id: string, { settings, key }: DataStack) {
    super(scope, id);
    this.#stage = settings.stage;
    const create = (topicId: string, severity: Severity) => {
      const topic = new Topic(this, topicId, {
        displayName: `retail ${settings.stage}: ${severity}`,
        enforceSSL: true,
        ...(key && { masterKey: key }),
      });
      topic.addToResourcePolicy(this.#publishAlarms(topic));
      for (const email of settings.alarmEmails) topic.addSubscription(new EmailSubscription(email));
      new CfnOutput(Stack.of(this), `${topicId}AlarmTopicArn`, { value: topic.topicArn });
      return topic;
    };
    this.topics = { critical: create('Critical', 'critical'), warning: create('Warning', 'warning') };
    for (const email of settings.alarmEmails.filter((address) => RESERVED_DOMAIN.test(address))) {
      Annotations.of(this).addWarningV2(
        'retail:alarmEmails',
        `retail:alarmEmails has ${email}, an address without a mailbox: write the addresses that receive the alarms of the stage ${settings.stage}`,
      );
    }
  }

  /** Name of an alarm of the stage, by its heading in docs/runbook.md. */
  alarmName(heading: string): string {
    return `retail-${this.#stage}/${heading}`;
  }

  /** Allows what the default policy of SNS allows and an own policy replaces: CloudWatch publishes for the owner. */
  #publishAlarms(topic: Topic): PolicyStatement {
    const { partition, region, account } = Stack.of(this);
    const alarmArns = `arn:${partition}:cloudwatch:${region}:${account}:alarm:${this.alarmName('*')}`;
    return new PolicyStatement({
      sid: 'PublishAlarmsOfThisStage',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        ArnLike: { 'aws:SourceArn': alarmArns },
        StringEquals: { 'aws:SourceAccount': account },
      },
    });
  }
}
