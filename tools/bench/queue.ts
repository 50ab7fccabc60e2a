import { requestsOfMessages, SQS_REQUEST_BYTES } from '../cost/queue-requests.ts';
import { perMillion } from './numbers.ts';
import { parse } from './parse.ts';
import type { QueueUse } from './results.ts';
import { sampleBytes } from './sample.ts';
import type { Setting } from './setting.ts';

const MAX_MESSAGE_BYTES = 1_048_576;
/** DeleteMessageBatch takes so many. */
const MESSAGES_PER_DELETE = 10;

/**
 * What SQS bills for the rows of a file, as the messages that the parser cuts say it, beside the least that it could:
 * as if messages held the lines of the CSV and nothing else, each was full to the last byte, and ten of them were
 * deleted at a time.
 */
export async function measureQueueUse(setting: Setting, rows: number): Promise<QueueUse> {
  const lengths: number[] = [];
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of sampleBytes(rows, 1)) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  await parse(counted(), (message) => lengths.push(message.length));
  const perMillionRows = (value: number) => Math.round(perMillion(value, rows));
  const leastMessages = Math.ceil(bytes / MAX_MESSAGE_BYTES);
  return {
    ...setting.measured(),
    rows,
    rowBytesPerMillionRows: perMillionRows(bytes),
    messagesPerMillionRows: perMillionRows(lengths.length),
    leastMessagesPerMillionRows: perMillionRows(leastMessages),
    requestsPerMillionRows: perMillionRows(requestsOfMessages(lengths)),
    leastRequestsPerMillionRows: perMillionRows(
      2 * Math.ceil(bytes / SQS_REQUEST_BYTES) + Math.ceil(leastMessages / MESSAGES_PER_DELETE),
    ),
  };
}
