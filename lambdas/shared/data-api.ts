import {
  ExecuteStatementCommand,
  type ExecuteStatementCommandOutput,
  type Field,
  RDSDataClient,
  type RDSDataClientConfig,
} from '@aws-sdk/client-rds-data';
import type { DATABASE_VARIABLES, Environment } from './environment.ts';
import { isLoginRefused, isResuming } from './errors.ts';
import { writeNativeJson } from './native-json.ts';
import { retry } from './retry.ts';

/** The Data API ends a call after 45 s: a shorter timeout would give up on calls that succeed. */
export const CALL_TIMEOUT_MILLISECONDS = 60_000;

/** A paused cluster takes about 15 seconds to resume, and longer after a day; the SDK does not wait for it. */
const POLL_MILLISECONDS = 2_000;

/** Between the steps of a rotation the database has a password that the secret does not have yet. */
const ROTATION_WAIT_MILLISECONDS = 15_000;

export interface DatabaseOptions {
  /** Endpoint, region and credentials; the SDK finds those that are missing. */
  readonly connection?: RDSDataClientConfig;
  readonly callTimeoutMilliseconds?: number;
  /** Time for which a refused password may be one that is being changed. */
  readonly rotationWaitMilliseconds?: number;
  /** Called for each try that found the database paused. */
  readonly onResuming?: () => void;
}

/** Value of a column: money and dates are text. */
export type SqlValue = string | number | boolean | null;
export type NamedRow = Record<string, SqlValue>;

export type StatementParameters = Readonly<Record<string, string>>;
/** Runs a statement and returns each row as the texts of its columns. */
export type Query = (sql: string, parameters: StatementParameters) => Promise<string[][]>;

/** One database through the Data API, as one role. */
export class Database {
  readonly client: RDSDataClient;
  #target: Environment<typeof DATABASE_VARIABLES>;
  #rotationWaitMilliseconds: number;
  #onResuming: () => void;

  constructor(
    target: Environment<typeof DATABASE_VARIABLES>,
    {
      connection = {},
      callTimeoutMilliseconds = CALL_TIMEOUT_MILLISECONDS,
      rotationWaitMilliseconds = ROTATION_WAIT_MILLISECONDS,
      onResuming = () => undefined,
    }: DatabaseOptions = {},
  ) {
    this.#target = target;
    this.#rotationWaitMilliseconds = rotationWaitMilliseconds;
    this.#onResuming = onResuming;
    this.client = writeNativeJson(
      new RDSDataClient({
        ...connection,
        // Two tries that time out leave a function of three minutes the time to send its messages back.
        maxAttempts: 2,
        // Without the second setting the SDK logs a warning and continues to wait.
        requestHandler: { requestTimeout: callTimeoutMilliseconds, throwOnRequestTimeout: true },
      }),
    );
  }

  /**
   * Runs one statement in its own transaction.
   * @param deadline time until which a paused database, or a password that is being changed, is waited for, in
   * milliseconds since the epoch
   */
  async execute(
    sql: string,
    parameters: StatementParameters,
    deadline: number,
    options: { readonly includeResultMetadata?: true; readonly continueAfterTimeout?: true } = {},
  ): Promise<ExecuteStatementCommandOutput> {
    const { clusterArn, secretArn, databaseName } = this.#target;
    const command = new ExecuteStatementCommand({
      resourceArn: clusterArn,
      secretArn,
      database: databaseName,
      ...options,
      sql,
      parameters: Object.entries(parameters).map(([name, stringValue]) => ({ name, value: { stringValue } })),
    });
    const rotationDeadline = Math.min(Date.now() + this.#rotationWaitMilliseconds, deadline);
    return retry(() => this.client.send(command), {
      shouldRetry: (error) => {
        if (isResuming(error)) this.#onResuming();
        return isResuming(error) || isLoginRefused(error);
      },
      delay: () => POLL_MILLISECONDS,
      deadline: (error) => (isResuming(error) ? deadline : rotationDeadline),
    });
  }

  /** Runs a statement and returns each row as the texts of its columns, empty for NULL. */
  async rows(sql: string, parameters: StatementParameters, deadline: number): Promise<string[][]> {
    const { records = [] } = await this.execute(sql, parameters, deadline);
    return records.map((record) => record.map(({ stringValue = '' }) => stringValue));
  }

  /** Returns a query that waits for the database while an invocation has time for another call. */
  queryWithin(invocation: { getRemainingTimeInMillis(): number }): Query {
    const deadline = Date.now() + invocation.getRemainingTimeInMillis() - CALL_TIMEOUT_MILLISECONDS;
    return (sql, parameters) => this.rows(sql, parameters, deadline);
  }

  /** Runs a statement and returns each row by column name. */
  async namedRows(sql: string, parameters: StatementParameters, deadline: number): Promise<NamedRow[]> {
    const { records = [], columnMetadata = [] } = await this.execute(sql, parameters, deadline, {
      includeResultMetadata: true,
    });
    const names = columnMetadata.map(({ label, name }) => label ?? name ?? '');
    return records.map((record) =>
      Object.fromEntries(record.map((field, index) => [names[index]!, readField(field)])),
    );
  }
}

function readField(field: Field): SqlValue {
  if (field.isNull) return null;
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? null;
}
