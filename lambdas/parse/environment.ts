import { integer, text } from '../shared/environment.ts';

/** Share of an invocation's time that is kept to send the batches that were read, and a checkpoint. */
export const CHECKPOINT_TIME_SHARE = 0.2;

/** Limits that decide which batches a file gives. Like the rules, they are part of the parser's revision. */
export const PARSER_LIMITS = {
  maxMessageBytes: integer('MAX_MESSAGE_BYTES'),
  maxUnpackedMiB: integer('MAX_UNPACKED_MIB'),
  maxRejectedRows: integer('MAX_REJECTED_ROWS'),
};

export const PARSER_VARIABLES = {
  ...PARSER_LIMITS,
  keptBytes: integer('KEPT_BYTES'),
  revision: text('PARSER_REVISION'),
  uploadQueueUrl: text('UPLOAD_QUEUE_URL'),
  uploadDeadLetterQueueUrl: text('UPLOAD_DEAD_LETTER_QUEUE_URL'),
  rowQueueUrl: text('ROW_QUEUE_URL'),
};
