/** Bytes that SQS bills as one request (SQS pricing, "How are Amazon SQS requests priced?"). */
const SQS_REQUEST_BYTES = 65_536;
const MAX_MESSAGE_BYTES = 1_048_576;
/** Maximum number of entries of DeleteMessageBatch. */
const MAX_DELETED_MESSAGES = 10;
/** Requests for the event of a file: sent by S3, received and deleted by Lambda. */
export const SQS_REQUESTS_PER_FILE = 3;
/** Bytes that the Data API bills as one request (Aurora pricing, "Data API"). */
export const DATA_API_REQUEST_BYTES = 32_768;
/** Part size of an upload by the command line (cli/cloud-client.ts). */
export const PART_BYTES = 8 * 1_024 ** 2;

/** Counts the requests for messages of these lengths, each sent, received and deleted once. */
export function countSqsRequests(lengths: readonly number[]): number {
  const chunks = lengths.reduce((sum, length) => sum + Math.ceil(length / SQS_REQUEST_BYTES), 0);
  return 2 * chunks + lengths.length;
}

/** Counts the requests for full messages that contain only the bytes of a file and are deleted ten at a time. */
export function countMinSqsRequests(bytes: number): number {
  const messages = Math.ceil(bytes / MAX_MESSAGE_BYTES);
  return 2 * Math.ceil(bytes / SQS_REQUEST_BYTES) + Math.ceil(messages / MAX_DELETED_MESSAGES);
}
