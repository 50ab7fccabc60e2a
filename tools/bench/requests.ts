import { parseBatches } from '../../lambdas/core/parse.ts';
import { encodeMessage } from '../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../lambdas/core/rules.ts';
import { DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { buildFileName, buildKey } from './files.ts';

/** Bytes that SQS bills as one request (SQS pricing, "How are Amazon SQS requests priced?"). */
const SQS_REQUEST_BYTES = 65_536;
const MAX_MESSAGE_BYTES = 1_048_576;
/** Maximum number of entries of DeleteMessageBatch. */
const MAX_DELETED_MESSAGES = 10;
/** Requests for the event of a file and for its notice: each is sent, received and deleted. */
const SQS_REQUESTS_PER_FILE = 2 * 3;
/** The notifier reads the notice, and marks it as sent. */
const DATA_API_REQUESTS_PER_FILE = 2;
/** Bytes that the Data API bills as one request (Aurora pricing, "Data API"). */
export const DATA_API_REQUEST_BYTES = 32_768;
/** Bytes of a Data API request besides the message: names, ARNs and the statement. */
const CALL_BYTES = 400;

/** Defaults of cdk.json. */
const SETTINGS = {
  rules: DEFAULT_RULES,
  maxMessageBytes: MAX_MESSAGE_BYTES,
};

/** Parses bytes into the messages that the parser would send, with nothing else running. */
export async function* parseMessages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const upload = {
    uploadId: '00000000-0000-0000-0000-000000000000',
    fileId: '00000000-0000-0000-0000-000000000000',
    bucket: 'bench',
    key: buildKey(buildFileName('parsed')),
    versionId: 'parsed',
    revision: 'bench',
    storeId: DEFAULT_STORE,
    receivedAt: new Date().toISOString(),
  };
  for await (const { batch } of parseBatches(upload, { chunks }, SETTINGS)) yield encodeMessage(batch);
}

/**
 * Derives the requests of a file from its messages. The same file always gives the same messages, and each is sent,
 * received, deleted and loaded once.
 */
export async function countRequests(chunks: AsyncIterable<Uint8Array>) {
  let [messages, sqsRequests, dataApiRequests] = [0, SQS_REQUESTS_PER_FILE, DATA_API_REQUESTS_PER_FILE];
  for await (const message of parseMessages(chunks)) {
    messages++;
    sqsRequests += 2 * Math.ceil(message.length / SQS_REQUEST_BYTES) + 1;
    // The request contains the message as a JSON string.
    const callBytes = JSON.stringify(message).length + CALL_BYTES;
    dataApiRequests += Math.ceil(callBytes / DATA_API_REQUEST_BYTES);
  }
  return { messages, sqsRequests, dataApiRequests };
}

/** Counts the requests for full messages that contain only the bytes of a file and are deleted ten at a time. */
export function countMinSqsRequests(bytes: number): number {
  const messages = Math.ceil(bytes / MAX_MESSAGE_BYTES);
  return 2 * Math.ceil(bytes / SQS_REQUEST_BYTES) + Math.ceil(messages / MAX_DELETED_MESSAGES);
}
