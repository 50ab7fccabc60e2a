import { Annotations, ArnFormat, CfnOutput, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import { alarmName, type Severity } from './severity.ts';

/** Domains that belong to nobody (RFC 2606). */
const NOBODYS_DOMAIN = /@(.+\.)?example\.(com|net|org)$/i;

export interface AlarmTopicsProps {
  readonly settings: Settings;
  /** @default SNS keeps messages as it does without a key of ours */
  readonly key?: IKey | undefined;
}

/** Where alarms go: a topic for each severity, so that the critical ones can also ring somebody's phone. */
export class AlarmTopics extends Construct {
  readonly topics: Readonly<Record<Severity, Topic>>;

  constructor(scope: Construct, id: string, { settings, key }: AlarmTopicsProps) {
    super(scope, id);
    const create = (topicId: string, severity: Severity) => {
      const topic = new Topic(this, topicId, {
        displayName: `retail ${settings.stage}: ${severity}`,
        enforceSSL: true,
        ...(key && { masterKey: key }),
      });
      topic.addToResourcePolicy(this.#publishAlarms(topic, settings));
      for (const email of settings.alarmEmails) topic.addSubscription(new EmailSubscription(email));
      new CfnOutput(Stack.of(this), `${topicId}AlarmTopicArn`, { value: topic.topicArn });
      return topic;
    };
    this.topics = { critical: create('Critical', 'critical'), warning: create('Warning', 'warning') };
    for (const email of settings.alarmEmails.filter((address) => NOBODYS_DOMAIN.test(address))) {
      Annotations.of(this).addWarningV2(
        'retail:alarmEmails',
        `retail:alarmEmails has ${email}, which reaches nobody: write who hears of the alarms of the stage ${settings.stage}`,
      );
    }
  }

  /** A topic with a policy of its own has lost the one of SNS, which let CloudWatch publish in the owner's name. */
  #publishAlarms(topic: Topic, settings: Settings): PolicyStatement {
    const stack = Stack.of(this);
    const alarmArns = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: alarmName(settings, '*'),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return new PolicyStatement({
      sid: 'PublishAlarmsOfThisStage',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        ArnLike: { 'aws:SourceArn': alarmArns },
        StringEquals: { 'aws:SourceAccount': stack.account },
      },
    });
  }
}
