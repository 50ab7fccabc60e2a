import { text } from '../shared/environment.ts';

export const COLLECTOR_VARIABLES = {
  bucketName: text('UPLOAD_BUCKET_NAME'),
  callQueueUrl: text('CALL_QUEUE_URL'),
  callDeadLetterQueueUrl: text('CALL_DEAD_LETTER_QUEUE_URL'),
};
