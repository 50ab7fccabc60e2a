import { setTimeout as sleep } from 'node:timers/promises';
import {
  ExecuteStatementCommand,
  type ExecuteStatementCommandOutput,
  RDSDataClient,
  type SqlParameter,
} from '@aws-sdk/client-rds-data';
import { writeNativeJson } from './native-json.ts';
import { isWrongPassword } from './wrong-password.ts';

/** The Data API ends a call after 45 s; whoever waits less than a minute gives up on calls that succeed. */
export const CALL_TIMEOUT_MILLISECONDS = 60_000;

/** A paused cluster takes up to about 15 seconds to come back, and the SDK does not wait for it. */
const POLL_MILLISECONDS = 2_000;

/** Between the steps of a rotation, for which the database has a password that the secret does not have yet. */
const ROTATION_WAIT_MILLISECONDS = 15_000;

export interface DatabaseTarget {
  readonly clusterArn: string;
  /** The secret of the role as which statements run. */
  readonly secretArn: string;
  readonly databaseName: string;
}

/** Runs a statement; each row of the answer is the texts of its columns. */
export type Query = (sql: string, parameters: Readonly<Record<string, string>>) => Promise<string[][]>;

/** One database through the Data API, as one role. */
export class Database {
  #client: RDSDataClient;
  #target: DatabaseTarget;
  #rotationWaitMilliseconds: number;

  /** @param rotationWaitMilliseconds for how long a password that is refused may be one that just changes */
  constructor(
    target: DatabaseTarget,
    callTimeoutMilliseconds = CALL_TIMEOUT_MILLISECONDS,
    rotationWaitMilliseconds = ROTATION_WAIT_MILLISECONDS,
  ) {
    this.#target = target;
    this.#rotationWaitMilliseconds = rotationWaitMilliseconds;
    this.#client = writeNativeJson(
      new RDSDataClient({
        // Two tries that hang leave a function of three minutes the time to send its messages back.
        maxAttempts: 2,
        // Without the second setting the SDK writes a warning and goes on waiting.
        requestHandler: { requestTimeout: callTimeoutMilliseconds, throwOnRequestTimeout: true },
      }),
    );
  }

  /**
   * Runs one statement, in a transaction of its own.
   * @param resumeDeadline until when a paused database, or a password that just changes, is waited for, in
   * milliseconds since the epoch
   */
  async execute(
    sql: string,
    parameters: Readonly<Record<string, string>>,
    resumeDeadline: number,
  ): Promise<ExecuteStatementCommandOutput> {
    const command = new ExecuteStatementCommand({
      resourceArn: this.#target.clusterArn,
      secretArn: this.#target.secretArn,
      database: this.#target.databaseName,
      sql,
      parameters: Object.entries(parameters).map(
        ([name, stringValue]): SqlParameter => ({ name, value: { stringValue } }),
      ),
    });
    const rotationDeadline = Math.min(Date.now() + this.#rotationWaitMilliseconds, resumeDeadline);
    for (;;) {
      try {
        return await this.#client.send(command);
      } catch (error) {
        const isResuming = error instanceof Error && error.name === 'DatabaseResumingException';
        const deadline = isResuming ? resumeDeadline : isWrongPassword(error) ? rotationDeadline : 0;
        if (Date.now() + POLL_MILLISECONDS > deadline) throw error;
        await sleep(POLL_MILLISECONDS);
      }
    }
  }

  /** The rows that a statement gives, each the texts of its columns, empty for NULL. */
  async rows(
    sql: string,
    parameters: Readonly<Record<string, string>>,
    resumeDeadline: number,
  ): Promise<string[][]> {
    const { records = [] } = await this.execute(sql, parameters, resumeDeadline);
    return records.map((record) => record.map(({ stringValue = '' }) => stringValue));
  }
}
