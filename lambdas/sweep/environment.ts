import { DATABASE_VARIABLES, integer, text } from '../shared/environment.ts';

export const SWEEPER_VARIABLES = {
  ...DATABASE_VARIABLES,
  bucketName: text('UPLOAD_BUCKET_NAME'),
  uploadQueueUrl: text('UPLOAD_QUEUE_URL'),
  noticeQueueUrl: text('NOTICE_QUEUE_URL'),
  sweepEveryMinutes: integer('SWEEP_EVERY_MINUTES'),
  lostAfterSeconds: integer('LOST_AFTER_SECONDS'),
  stuckAfterSeconds: integer('STUCK_AFTER_SECONDS'),
};
