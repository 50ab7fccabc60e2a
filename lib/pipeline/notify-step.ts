import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { RECEIPTS_PREFIX } from '../../lambdas/core/upload-key.ts';
import { NOTIFIER_VARIABLES } from '../../lambdas/notify/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { NOTIFY_SETTINGS_FILE } from '../../lambdas/shared/notify-settings.ts';
import { allow } from '../access/statements.ts';
import type { DataStack } from '../data/data-stack.ts';
import { toNotifySettings } from '../settings/notify.ts';
import { addFile, PipelineFunction } from './function.ts';
import { StepQueue } from './step-queue.ts';

/** Enough for a few calls of the Data API, each of at most 45 s. */
const TIMEOUT_SECONDS = 180;
const BATCH_SIZE = 10;
/** The minimum of Lambda: the store's receivers are not to be flooded. */
const CONCURRENCY = 2;

/** Queue of notices → notifier → S3 receipts/, EventBridge, mails and webhooks. */
export class NotifyStep extends Construct {
  readonly notices: StepQueue;
  readonly notifier: PipelineFunction;

  constructor(scope: Construct, id: string, data: DataStack) {
    super(scope, id);
    const { settings, key, database, uploadBucket, webhookSecret } = data;
    const { account, partition, region } = Stack.of(this);
    const arn = (service: string, resource: string) =>
      `arn:${partition}:${service}:${region}:${account}:${resource}`;
    this.notices = new StepQueue(this, 'Notices', TIMEOUT_SECONDS, key);
    this.notifier = new PipelineFunction(this, 'Function', {
      folder: 'notify',
      description: 'Writes a receipt for each upload that ended, and tells the store.',
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
      environment: writeEnvironment(NOTIFIER_VARIABLES, {
        ...database.connection('notifier'),
        bucketName: uploadBucket.bucketName,
        noticeQueueUrl: this.notices.queue.queueUrl,
        noticeDeadLetterQueueUrl: this.notices.deadLetterQueue.queueUrl,
        eventSource: `retail-${settings.stage}`,
        webhookSecretArn: webhookSecret?.secretArn ?? '',
      }),
      bundlingHooks: addFile(NOTIFY_SETTINGS_FILE, toNotifySettings(settings)),
    });
    database.allowStatements(this.notifier, 'notifier');
    // Reads a receipt only if one exists, which may be of a database that was lost.
    this.notifier.allow(
      ['s3:PutObject', 's3:GetObject'],
      [uploadBucket.arnForObjects(`${RECEIPTS_PREFIX}*`)],
    );
    this.notifier.allowKey('s3', 'write');
    this.notifier.allow(['events:PutEvents'], [arn('events', 'event-bus/default')]);
    if (webhookSecret) this.notifier.allow(['secretsmanager:GetSecretValue'], [webhookSecret.secretArn]);
    const { notifyFrom } = settings;
    if (notifyFrom !== undefined) {
      // The identity of a sender is its address, if that is verified, and otherwise its domain.
      const identities = [notifyFrom, notifyFrom.slice(notifyFrom.lastIndexOf('@') + 1)];
      this.notifier.addToRolePolicy(
        allow(
          ['ses:SendEmail'],
          identities.map((identity) => arn('ses', `identity/${identity}`)),
          { StringEquals: { 'ses:FromAddress': notifyFrom } },
        ),
      );
    }
    // The notifier sends each delivery to itself, as a separate message.
    if (settings.notify.length > 0) this.notices.allowSending(this.notifier);
    this.notices.feed(this.notifier, BATCH_SIZE, CONCURRENCY);
  }
}
