import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';
import { localAccess } from '../../cli/local-access.ts';
import type { StackOutputs } from '../../lambdas/shared/stack-outputs.ts';
import type { RunningCloud } from '../../local/data-directory.ts';

/** Ways to a running cloud: as its operator, and to the database itself. */
export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly database: pg.Client;
  readonly outputs: StackOutputs;
  close(): Promise<void>;
}

export async function connect(running: RunningCloud): Promise<Clients> {
  const { connection, outputs } = localAccess(running);
  const [s3, sqs] = [new S3Client(connection), new SQSClient(connection)];
  const database = new pg.Client({ connectionString: running.databaseUrl });
  await database.connect();
  return {
    s3,
    sqs,
    database,
    outputs,
    close: async () => {
      s3.destroy();
      sqs.destroy();
      await database.end();
    },
  };
}
