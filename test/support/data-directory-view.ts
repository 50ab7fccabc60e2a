import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { DataDirectory } from '../../local/data-directory.ts';

interface Secret {
  readonly versions: readonly { readonly stages: readonly string[]; readonly value?: string }[];
}

/** A connection as one of the database's roles, with the password that the local cloud keeps. The caller ends it. */
export async function connectAs(dataDir: string, databaseUrl: string, username: string): Promise<pg.Client> {
  const secrets = JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8')) as Record<string, Secret>;
  const current = Object.values(secrets).map(({ versions }) => {
    const { value } = versions.find(({ stages }) => stages.includes('AWSCURRENT'))!;
    return JSON.parse(value!) as { username: string; password: string };
  });
  const { password } = current.find((secret) => secret.username === username)!;
  const url = Object.assign(new URL(databaseUrl), { username, password });
  const client = new pg.Client({ connectionString: url.href });
  // A test may stop the server.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Selects what the files say of each row. */
export const SELECT_TRANSACTIONS = `
  SELECT id, transaction_date::text, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id
  FROM transactions ORDER BY id`;

/** Queries the database of the local cloud that runs on a data directory. */
export async function queryRunning(dataDir: string, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: new DataDirectory(dataDir).readRunning()!.databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The lines that a function logged. */
export async function readLogs(dataDir: string, folder: string): Promise<string[]> {
  const dir = join(dataDir, 'logs');
  const names = (await readdir(dir)).filter((name) => name.includes(folder));
  const texts = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n'));
}
