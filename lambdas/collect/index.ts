import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { readEnvironment } from '../shared/environment.ts';
import { COLLECTOR_VARIABLES } from './environment.ts';

readEnvironment(COLLECTOR_VARIABLES, process.env);

/** Returns every message to its queue. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  return { batchItemFailures: Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
