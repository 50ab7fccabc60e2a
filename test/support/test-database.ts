import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inject } from 'vitest';
import type { CloudClient } from '../../cli/cloud-client.ts';
import { applyFiles, type Execute } from '../../lambdas/migrate/apply-files.ts';
import { readSqlFiles } from '../../lambdas/migrate/sql-files.ts';
import { bindParameters } from '../../local/data-api/named-parameters.ts';
import { createDatabase } from '../../local/postgres/create-database.ts';

export const SQL_FOLDER = fileURLToPath(new URL('../../sql', import.meta.url));

const OWNER = 'retail_migrator';
const TEMPLATE = 'retail_template';
const ROLES = [
  'retail_loader',
  'retail_operator',
  'retail_analyst',
  'retail_sweeper',
  'retail_quicksight',
  'retail_api',
  'retail_notifier',
];

export interface TestServer {
  /** URL of the superuser. */
  readonly adminUrl: string;
  /** Password of every role. */
  readonly password: string;
}

/** Creates the template database as a deployment does. */
export async function createTemplate(adminUrl: string): Promise<TestServer> {
  const server = { adminUrl, password: randomUUID() };
  const owner = await createEmpty(server, TEMPLATE);
  await asAdmin(server, async (admin) => {
    // Aurora does the same.
    for (const name of ['postgres', 'template1'])
      await admin.query(`ALTER DATABASE ${name} OWNER TO ${OWNER}`);
  });
  const execute = executeOn(owner);
  await applyFiles(execute, await readSqlFiles(SQL_FOLDER), { deadline: Number.POSITIVE_INFINITY });
  for (const username of ROLES) {
    await execute('SELECT ledger.set_password(:username, :password)', {
      username,
      password: server.password,
    });
  }
  await owner.end();
  return server;
}

/** A database of a test file: a copy of the template, or an empty one. */
export class TestDatabase {
  readonly name = `test_${randomUUID()}`;
  readonly server: TestServer;
  #clients: pg.Client[] = [];
  #operator: Promise<pg.Client> | undefined;

  private constructor(server: TestServer) {
    this.server = server;
  }

  /** @param template false for a database to which no file was applied */
  static async create({ template = true } = {}): Promise<TestDatabase> {
    const database = new TestDatabase(inject('testServer'));
    if (template) await database.#copyTemplate();
    else database.#clients.push(await createEmpty(database.server, database.name));
    return database;
  }

  /** Closes all connections and drops the database. */
  async drop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()));
    await asAdmin(this.server, (admin) => admin.query(`DROP DATABASE "${this.name}" WITH (FORCE)`));
  }

  /** Connects as one of the database's roles. */
  async connectAs(username: string): Promise<pg.Client> {
    const client = new pg.Client(urlOf(this.server, this.name, username));
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** Runs a query as the operator. */
  async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    this.#operator ??= this.connectAs('retail_operator');
    return (await (await this.#operator).query<Row>(sql, values)).rows;
  }

  async #copyTemplate(): Promise<void> {
    await asAdmin(this.server, async (admin) => {
      await admin.query(`CREATE DATABASE "${this.name}" TEMPLATE ${TEMPLATE} OWNER ${OWNER}`);
      // CREATE DATABASE does not copy the privileges on the template itself.
      await admin.query(
        `UPDATE pg_database SET datacl = (SELECT datacl FROM pg_database WHERE datname = $1) WHERE datname = $2`,
        [TEMPLATE, this.name],
      );
    });
  }
}

/** Runs statements as the command line does, on one connection. */
export function queryOn(client: pg.Client): CloudClient['query'] {
  return async (sql, parameters = {}) => {
    const given = Object.entries(parameters).map(([name, stringValue]) => ({ name, value: { stringValue } }));
    const { sql: text, values } = bindParameters(sql, given);
    return (await client.query({ text, values })).rows;
  };
}

/** Runs statements as the Data API does, on one connection. */
export function executeOn(client: pg.Client): Execute {
  return async (sql, parameters) => {
    const given = Object.entries(parameters).map(([name, stringValue]) => ({ name, value: { stringValue } }));
    const { sql: text, values } = bindParameters(sql, given);
    const { rows } = await client.query({ text, values, rowMode: 'array' });
    return rows[0]?.[0] as string | undefined;
  };
}

async function createEmpty(server: TestServer, databaseName: string): Promise<pg.Client> {
  const master = { username: OWNER, password: server.password };
  const cluster = { arn: '', databaseName, masterUsername: OWNER };
  const url = await createDatabase(server.adminUrl, cluster, master);
  const owner = new pg.Client(url.href);
  await owner.connect();
  return owner;
}

function urlOf({ adminUrl, password }: TestServer, database: string, username: string): string {
  return Object.assign(new URL(adminUrl), { username, password, pathname: `/${database}` }).href;
}

async function asAdmin(server: TestServer, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client(server.adminUrl);
  await admin.connect();
  await work(admin).finally(() => admin.end());
}
