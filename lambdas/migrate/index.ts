import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Database } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { MIGRATOR_VARIABLES } from './environment.ts';
import { BOOTSTRAP_STATEMENTS, migrationStatement, readMigrations } from './migrations.ts';
import { oncePermitted } from './once-permitted.ts';

const RESUME_WAIT_MILLISECONDS = 60_000;

const environment = readEnvironment(MIGRATOR_VARIABLES, process.env);
const logger = new Logger();
const database = new Database(environment);
const secrets = new SecretsManagerClient();

/** Brings the database to the newest migration and gives its roles their passwords. Running it again does no harm. */
export async function handler(): Promise<{ migrations: number }> {
  for (const statement of BOOTSTRAP_STATEMENTS) await execute(statement);
  const migrations = await readMigrations(fileURLToPath(new URL('./migrations', import.meta.url)));
  for (const migration of migrations) {
    await execute(migrationStatement(migration));
    logger.info('migration is in', { version: migration.version, migration: migration.name });
  }
  for (const secretArn of environment.roleSecretArns) await setPassword(secretArn);
  return { migrations: migrations.length };
}

/** A secret that is rotated meanwhile has another value afterwards: then that one is the role's. */
async function setPassword(secretArn: string): Promise<void> {
  let given: string | undefined;
  for (;;) {
    const command = new GetSecretValueCommand({ SecretId: secretArn });
    const { SecretString = '{}' } = await oncePermitted(() => secrets.send(command));
    if (SecretString === given) return;
    const { username, password } = JSON.parse(SecretString) as { username: string; password: string };
    await execute('SELECT ledger.set_password(:username, :password)', { username, password });
    given = SecretString;
  }
}

async function execute(sql: string, parameters: Record<string, string> = {}): Promise<void> {
  await oncePermitted(() => database.execute(sql, parameters, Date.now() + RESUME_WAIT_MILLISECONDS));
}
