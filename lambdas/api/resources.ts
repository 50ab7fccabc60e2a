import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DeadLetterQueueName } from '../core/api-answers.ts';
import type { ApiSettings } from '../shared/api-settings.ts';
import type { CallResources } from './accept-call.ts';
import type { HttpEvent } from './callers.ts';
import type { Ledger } from './ledger.ts';
import type { Answer } from './problem.ts';
import type { QueuePair } from './queues.ts';

export interface ApiResources extends CallResources {
  readonly s3: S3Client;
  /** The client, which is created at the first call. */
  readonly cloudWatch: () => CloudWatchClient;
  readonly stage: string;
  readonly ledger: Ledger;
  readonly webSocketUrl: string;
  readonly region: string;
  /** Endpoint of S3 in place of that of AWS. */
  readonly endpoint: string | undefined;
  readonly queues: Readonly<Record<DeadLetterQueueName, QueuePair>>;
  readonly settings: ApiSettings;
}

export type Handler = (event: HttpEvent, resources: ApiResources) => Promise<Answer>;
