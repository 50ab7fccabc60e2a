import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import pg, { type FieldDef } from 'pg';
import { z } from 'zod';
import {
  JsonService,
  parseRequest,
  readBody,
  ServiceError,
  type ServiceRequest,
} from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { badRequest, bindParameters, SQL_PARAMETER, validationError } from './named-parameters.ts';
import { type Field, readField, unsupportedResult } from './result-fields.ts';

/** Limits of the Data API (Aurora user guide, "Limitations with RDS Data API"). */
const MAX_REQUEST_BYTES = 4 * 1024 ** 2;
const MAX_RESPONSE_BYTES = 1024 ** 2;
const MAX_ROW_BYTES = 64 * 1024;
/** PostgreSQL's own form of an answer is at most this much longer than the Data API's: a byte of bytea has two digits. */
const MAX_RECEIVED_BYTES = 2 * MAX_RESPONSE_BYTES;
const STATEMENT_TIMEOUT_MILLISECONDS = 45_000;

/**
 * AWS does not document whether its open connections survive a change of the password. Here they do not: code that
 * works without them works with them.
 */
const CHANGES_PASSWORD = /password/i;

interface DataApiProps {
  readonly clusterArn: string;
  readonly databaseName: string;
  /** Where PostgreSQL listens. */
  readonly host: string;
  readonly port: number;
  readonly access: AccessControl;
  readonly secrets: Pick<SecretStore, 'current'>;
  /** Time after which a call ends, 45 s by default. */
  readonly statementTimeoutMilliseconds?: number;
}

/** PostgreSQL does not take texts with a NUL. */
const TEXT = z.string().regex(/^[^\0]*$/);

/**
 * The supported members of ExecuteStatement, with their lengths (RDS Data API reference); any other one is refused. ARNs
 * may be longer than documented, as those of real clusters and secrets are (soto-project/soto#471).
 */
const EXECUTE_STATEMENT = z.strictObject({
  resourceArn: TEXT,
  secretArn: TEXT,
  database: TEXT.max(64).optional(),
  sql: TEXT.min(1).max(65_536),
  parameters: z.array(SQL_PARAMETER).default([]),
  includeResultMetadata: z.boolean().default(false),
  /** The call ends after the timeout, and the statement does not. */
  continueAfterTimeout: z.boolean().default(false),
});

/** RDS Data API's ExecuteStatement on PostgreSQL, with the limits and errors of AWS. */
export class DataApiService extends JsonService {
  #props: DataApiProps;
  #timeoutMilliseconds: number;
  /** Connections by user, password and database. */
  #pools = new Map<string, pg.Pool>();

  constructor(props: DataApiProps) {
    super('application/json');
    this.#props = props;
    this.#timeoutMilliseconds = props.statementTimeoutMilliseconds ?? STATEMENT_TIMEOUT_MILLISECONDS;
  }

  async handle({ body: payload, url, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    if (url.pathname !== '/Execute') {
      throw validationError(`the local cloud does not know the Data API's ${url.pathname}`);
    }
    const body = await readBody(payload, MAX_REQUEST_BYTES);
    const request = parseRequest(EXECUTE_STATEMENT, body, 'BadRequestException');
    this.#props.access.authorize(caller, 'rds-data:ExecuteStatement', request.resourceArn);
    this.#props.access.authorize(caller, 'secretsmanager:GetSecretValue', request.secretArn);
    if (request.resourceArn !== this.#props.clusterArn) {
      const message = `DB cluster ${request.resourceArn} is not found`;
      throw new ServiceError('DatabaseNotFoundException', message, 404);
    }
    const answer = await this.#execute(request);
    if (Buffer.byteLength(JSON.stringify(answer)) > MAX_RESPONSE_BYTES) throw tooLarge();
    this.writeAnswer(response, answer);
  }

  /** Closes all connections: the next call logs in again. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.end()));
  }

  async #execute({ sql, parameters, secretArn, ...request }: z.infer<typeof EXECUTE_STATEMENT>) {
    const { database = this.#props.databaseName, continueAfterTimeout } = request;
    const statement = bindParameters(sql, parameters);
    const pool = this.#poolFor(secretArn, database, continueAfterTimeout);
    try {
      const config = {
        text: statement.sql,
        values: statement.values,
        rowMode: 'array' as const,
        types: { getTypeParser: () => (value: string) => value },
        // In this protocol PostgreSQL itself refuses a second statement.
        queryMode: 'extended',
      };
      const query = pool.query<(string | null)[]>(config);
      const { fields, rows, rowCount } = await (continueAfterTimeout ? this.#unlessTimeout(query) : query);
      return {
        numberOfRecordsUpdated: fields.length > 0 ? 0 : (rowCount ?? 0),
        generatedFields: [],
        ...(fields.length > 0 && { records: rows.map((row) => recordOf(row, fields)) }),
        ...(request.includeResultMetadata && {
          columnMetadata: fields.map(({ name }) => ({ name, label: name })),
        }),
      };
    } catch (error) {
      throw asServiceError(error);
    } finally {
      if (CHANGES_PASSWORD.test(sql)) void this.close();
    }
  }

  /** Waits for a query as long as a call lasts. */
  #unlessTimeout<Result>(query: Promise<Result>): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const timer = setTimeout(() => reject(statementTimeout()), this.#timeoutMilliseconds);
    query.then(resolve, reject).finally(() => clearTimeout(timer));
    return promise;
  }

  /** Reads the secret at each call, so that a rotation takes effect at once. */
  #poolFor(secretArn: string, database: string, continueAfterTimeout: boolean): pg.Pool {
    const secret = this.#props.secrets.current(secretArn);
    if (secret === undefined) {
      throw badRequest(`Secret ${secretArn} is not found`);
    }
    const key = JSON.stringify([secret.username, secret.password, database, continueAfterTimeout]);
    const existing = this.#pools.get(key);
    if (existing !== undefined) return existing;
    const { host, port } = this.#props;
    const pool = new pg.Pool({
      host,
      port,
      database,
      user: secret.username,
      password: secret.password,
      statement_timeout: continueAfterTimeout ? 0 : this.#timeoutMilliseconds,
      max: 10,
      stream: () => new LimitedSocket(),
    });
    // The loss of an idle connection is harmless: the next call opens another.
    pool.on('error', () => undefined);
    this.#pools.set(key, pool);
    return pool;
  }
}

/** A connection that ends when a statement returns more than an answer can hold, before it fills the memory. */
class LimitedSocket extends Socket {
  constructor() {
    super();
    let [sent, received] = [0, 0];
    this.on('data', (bytes) => {
      // The first answer after something was sent belongs to the next statement.
      if (this.bytesWritten !== sent) [sent, received] = [this.bytesWritten, 0];
      received += bytes.length;
      if (received > MAX_RECEIVED_BYTES) this.destroy(tooLarge());
    });
  }
}

function tooLarge(): ServiceError {
  return unsupportedResult('Database returned more than the allowed response size limit');
}

function recordOf(row: readonly (string | null)[], fields: readonly FieldDef[]): Field[] {
  const bytes = row.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  if (bytes > MAX_ROW_BYTES) throw unsupportedResult('The result set row exceeds 64 KB');
  return row.map((text, index) => readField(text, fields[index]!));
}

function statementTimeout(): ServiceError {
  return new ServiceError('StatementTimeoutException', 'Request timed out after 45 seconds');
}

/** Converts errors of PostgreSQL and broken connections to those of the Data API. */
function asServiceError(error: unknown): unknown {
  if (error instanceof ServiceError) return error;
  const { code, message, position, severity = 'ERROR' } = error as Partial<pg.DatabaseError> & Error;
  if (code === '57014') return statementTimeout();
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code) || /^(57P|08)/.test(code)) {
    return new ServiceError('DatabaseUnavailableException', `The database is not available: ${message}`, 504);
  }
  const at = position === undefined ? '' : `; Position: ${position}`;
  return new ServiceError('DatabaseErrorException', `${severity}: ${message}${at}; SQLState: ${code}`);
}
