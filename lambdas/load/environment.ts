import { DATABASE_VARIABLES, text } from '../shared/environment.ts';

export const LOADER_VARIABLES = {
  ...DATABASE_VARIABLES,
  rowQueueUrl: text('ROW_QUEUE_URL'),
  rowDeadLetterQueueUrl: text('ROW_DEAD_LETTER_QUEUE_URL'),
  noticeQueueUrl: text('NOTICE_QUEUE_URL'),
};
