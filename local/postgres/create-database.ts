import pg from 'pg';
import type { ClusterModel } from '../assembly/readers/storage-readers.ts';
import type { Secret } from '../secrets/secret-store.ts';

/**
 * Creates the master user of a new Aurora cluster and its first database. The master owns the database and may create
 * roles and databases, but is not a superuser.
 * @param adminUrl a user who may create both
 * @returns the URL of the database for its master user
 */
export async function createDatabase(adminUrl: string, cluster: ClusterModel, master: Secret): Promise<URL> {
  const client = new pg.Client({ connectionString: adminUrl });
  try {
    await client.connect();
  } catch (cause) {
    const { host } = new URL(adminUrl);
    throw new Error(`the database server at ${host} refused the connection: ${(cause as Error).message}`, {
      cause,
    });
  }
  try {
    const user = client.escapeIdentifier(master.username);
    const has = async (sql: string, name: string) => (await client.query(sql, [name])).rowCount === 1;
    const verb = (await has('SELECT FROM pg_roles WHERE rolname = $1', master.username)) ? 'ALTER' : 'CREATE';
    const password = client.escapeLiteral(master.password);
    await client.query(`${verb} ROLE ${user} LOGIN CREATEROLE CREATEDB PASSWORD ${password}`);
    if (!(await has('SELECT FROM pg_database WHERE datname = $1', cluster.databaseName))) {
      // The owner of a new database must be a role that the current user can act as.
      await client.query(`GRANT ${user} TO CURRENT_USER`);
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(cluster.databaseName)} OWNER ${user}`);
    }
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.username = master.username;
  url.password = master.password;
  url.pathname = `/${cluster.databaseName}`;
  return url;
}
