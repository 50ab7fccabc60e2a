import { DATABASE_VARIABLES, text, type Variable } from '../shared/environment.ts';

export const NOTIFIER_VARIABLES = {
  ...DATABASE_VARIABLES,
  bucketName: text('UPLOAD_BUCKET_NAME'),
  noticeQueueUrl: text('NOTICE_QUEUE_URL'),
  noticeDeadLetterQueueUrl: text('NOTICE_DEAD_LETTER_QUEUE_URL'),
  /** Source of the events on EventBridge. */
  eventSource: text('EVENT_SOURCE'),
  /** Secret from which the keys of webhooks are derived; empty in a stage without webhooks. */
  webhookSecretArn: {
    name: 'WEBHOOK_SECRET_ARN',
    allowed: 'an ARN, or empty',
    parse: (value) => value,
  } satisfies Variable<string>,
};
