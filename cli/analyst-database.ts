import { setTimeout as sleep } from 'node:timers/promises';
import {
  ExecuteStatementCommand,
  type ExecuteStatementCommandOutput,
  type Field,
  RDSDataClient,
} from '@aws-sdk/client-rds-data';
import { isLoginRefused } from '../lambdas/shared/errors.ts';
import { rememberCalls } from './aws/sent-call.ts';
import type { CloudAccess } from './cloud-access.ts';
import { note } from './output/console.ts';

/** The Data API ends a call after 45 s; whoever waits less than a minute gives up on calls that succeed. */
const CALL_TIMEOUT_MILLISECONDS = 60_000;
/** A paused cluster takes about 15 s to come back, and longer after a day of rest; the SDK does not wait for it. */
const RESUME_PATIENCE_MILLISECONDS = 180_000;
/** While the analyst's secret is rotated its password is wrong for moments. */
const ROTATION_PATIENCE_MILLISECONDS = 15_000;
const POLL_MILLISECONDS = 2_000;

/** A value of the database: money and dates are text. */
export type SqlValue = string | number | boolean | null;

/** The database as its analyst reads it, through the Data API. */
export class AnalystDatabase {
  #client: RDSDataClient;
  #target: { resourceArn: string; secretArn: string; database: string };
  #saidThatItResumes = false;

  constructor({ connection, outputs }: CloudAccess) {
    this.#client = rememberCalls(
      new RDSDataClient({
        ...connection,
        // Without the second setting the SDK writes a warning and goes on waiting.
        requestHandler: { requestTimeout: CALL_TIMEOUT_MILLISECONDS, throwOnRequestTimeout: true },
      }),
    );
    const { clusterArn: resourceArn, analystSecretArn: secretArn, databaseName: database } = outputs;
    this.#target = { resourceArn, secretArn, database };
  }

  close(): void {
    this.#client.destroy();
  }

  /** Runs a statement and returns its rows by column name. A paused database is waited for. */
  async query(
    sql: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Record<string, SqlValue>[]> {
    const { records = [], columnMetadata = [] } = await this.#execute(
      new ExecuteStatementCommand({
        ...this.#target,
        sql,
        includeResultMetadata: true,
        parameters: Object.entries(parameters).map(([name, stringValue]) => ({
          name,
          value: { stringValue },
        })),
      }),
    );
    const names = columnMetadata.map(({ label, name }) => label ?? name ?? '');
    return records.map((record) =>
      Object.fromEntries(record.map((field, index) => [names[index]!, valueOf(field)])),
    );
  }

  async #execute(command: ExecuteStatementCommand): Promise<ExecuteStatementCommandOutput> {
    const started = Date.now();
    for (;;) {
      try {
        return await this.#client.send(command);
      } catch (error) {
        const isResuming = error instanceof Error && error.name === 'DatabaseResumingException';
        const patience = isResuming
          ? RESUME_PATIENCE_MILLISECONDS
          : isLoginRefused(error)
            ? ROTATION_PATIENCE_MILLISECONDS
            : 0;
        if (Date.now() + POLL_MILLISECONDS > started + patience) throw error;
        if (isResuming && !this.#saidThatItResumes)
          note('The database was paused and is starting again; this takes a moment …');
        this.#saidThatItResumes ||= isResuming;
        await sleep(POLL_MILLISECONDS);
      }
    }
  }
}

function valueOf(field: Field): SqlValue {
  if (field.isNull) return null;
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}
