import { SQS_REQUESTS_PER_FILE } from '../../cost/pipeline-run.ts';
import { requestsOfMessages } from '../../cost/queue-requests.ts';
import { DATA_API_REQUEST_BYTES } from '../../cost/recorder.ts';
import { perMillion, round } from '../numbers.ts';
import { parse } from '../parse.ts';
import type { GrowthRun } from '../results.ts';
import { sampleBytes } from '../sample.ts';

const SEED = 30_000;
/** Of a call of the Data API, besides the message: names, ARNs and the statement. */
const CALL_BYTES = 400;

/**
 * What a file of so many rows would use, counted from its messages: the same file always gives the same, and each is
 * sent, received, deleted and given to the database once. The file is made while it is parsed, and lies nowhere.
 */
export async function countRun(rows: number): Promise<GrowthRun> {
  const lengths: number[] = [];
  let dataApiRequests = 0;
  await parse(sampleBytes(rows, SEED), (message) => {
    lengths.push(message.length);
    // There the message is a string within JSON.
    const callBytes = JSON.stringify(message).length + CALL_BYTES;
    dataApiRequests += Math.ceil(callBytes / Number(DATA_API_REQUEST_BYTES));
  });
  return {
    rows,
    basis: 'counted',
    messagesPerMillionRows: round(perMillion(lengths.length, rows), 10),
    sqsRequestsPerMillionRows: round(
      perMillion(requestsOfMessages(lengths) + SQS_REQUESTS_PER_FILE, rows),
      10,
    ),
    dataApiRequestsPerMillionRows: round(perMillion(dataApiRequests, rows), 10),
  };
}
