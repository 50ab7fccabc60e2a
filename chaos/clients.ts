import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';
import { STACK_OUTPUTS, type StackOutputs } from '../lambdas/contract/stack-outputs.ts';
import type { RunningCloud } from '../local/data-directory.ts';

/** Ways to a running cloud: as its operator, and to the database itself. */
export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly database: pg.Client;
  readonly outputs: StackOutputs;
  close(): Promise<void>;
}

export async function connect({ endpoint, databaseUrl, outputs }: RunningCloud): Promise<Clients> {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const config = { endpoint, region: 'us-east-1', credentials };
  const [s3, sqs] = [new S3Client(config), new SQSClient(config)];
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const named = Object.entries(STACK_OUTPUTS).map(([key, name]) => [key, outputs[name]]);
  return {
    s3,
    sqs,
    database,
    outputs: Object.fromEntries(named) as StackOutputs,
    close: async () => {
      s3.destroy();
      sqs.destroy();
      await database.end();
    },
  };
}
