import { DATABASE_VARIABLES, text } from '../shared/environment.ts';

export const API_VARIABLES = {
  ...DATABASE_VARIABLES,
  stage: text('STAGE'),
  bucketName: text('UPLOAD_BUCKET_NAME'),
  apiSecretArn: text('API_SECRET_ARN'),
  webSocketUrl: text('WEB_SOCKET_URL'),
  callQueueUrl: text('CALL_QUEUE_URL'),
  callDeadLetterQueueUrl: text('CALL_DEAD_LETTER_QUEUE_URL'),
  uploadQueueUrl: text('UPLOAD_QUEUE_URL'),
  uploadDeadLetterQueueUrl: text('UPLOAD_DEAD_LETTER_QUEUE_URL'),
  rowQueueUrl: text('ROW_QUEUE_URL'),
  rowDeadLetterQueueUrl: text('ROW_DEAD_LETTER_QUEUE_URL'),
  noticeQueueUrl: text('NOTICE_QUEUE_URL'),
  noticeDeadLetterQueueUrl: text('NOTICE_DEAD_LETTER_QUEUE_URL'),
  /** JSON of `ConsoleSignIn`. */
  consoleSignIn: text('CONSOLE_SIGN_IN'),
};
