import pg from 'pg';
import type { ClusterModel } from '../assembly/cloud-model.ts';
import type { Secret } from '../secrets/secret-store.ts';

/**
 * Makes what a new Aurora cluster has: its master user and its first database, owned by that user. The master
 * may create roles and databases and is no superuser, as on Aurora.
 * @param adminUrl as a user who may create both
 * @returns the URL of the database, as its master user
 */
export async function createDatabase(adminUrl: string, cluster: ClusterModel, master: Secret): Promise<URL> {
  const client = new pg.Client({ connectionString: adminUrl });
  try {
    await client.connect();
  } catch (cause) {
    const { host } = new URL(adminUrl);
    throw new Error(`the database server at ${host} does not let us in: ${(cause as Error).message}`, {
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
      // Whoever gives a database to another must be able to act as that other.
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
