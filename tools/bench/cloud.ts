import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { CloudClient } from '../../cli/cloud-client.ts';
import { localAccess } from '../../cli/local-access.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import { AccessKeys } from '../../local/iam/access-keys.ts';
import { CloudProcess } from '../cloud-process.ts';

export type BenchCloud = Awaited<ReturnType<typeof startCloud>>;

/** Starts a local cloud in its own process, with clients of its APIs and, as the superuser, of its database. */
export async function startCloud(dataDir: string, assemblyDir: string) {
  await using starting = new AsyncDisposableStack();
  const { running } = starting.use(await CloudProcess.start({ dataDir, assemblyDir }));
  const password = (await readFile(join(dataDir, 'postgres/superuser-password'), 'utf8')).trim();
  const adminUrl = Object.assign(new URL(running.databaseUrl), { username: 'postgres', password }).href;
  const client = starting.adopt(new CloudClient(localAccess(running)), (open) => open.close());
  const database = starting.adopt(new pg.Client(adminUrl), (open) => open.end());
  await database.connect();
  const keys = AccessKeys.open(new DataDirectory(dataDir));
  const started = starting.move();
  return { running, keys, adminUrl, client, database, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
