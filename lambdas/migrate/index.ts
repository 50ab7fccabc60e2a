import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { Database, type StatementParameters } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { applyFiles, setPassword } from './apply-files.ts';
import { MIGRATOR_VARIABLES } from './environment.ts';
import { retryPassing } from './retry-passing.ts';
import { readSqlFiles } from './sql-files.ts';

const RESUME_WAIT_MILLISECONDS = 60_000;
/** Time to set the passwords, and to report an error, after the last statement. */
const RESERVED_MILLISECONDS = 60_000;

const environment = readEnvironment(MIGRATOR_VARIABLES, process.env);
const logger = new Logger();
const database = new Database(environment);
const secrets = new SecretsManagerClient();

/** Applies the SQL files that changed and gives the database roles their passwords. Running it again changes nothing. */
export async function handler(_event: unknown, context: Context): Promise<{ applied: string[] }> {
  const sqlFiles = await readSqlFiles(fileURLToPath(new URL('./sql', import.meta.url)));
  const applied = await applyFiles(execute, sqlFiles, {
    deadline: Date.now() + context.getRemainingTimeInMillis() - RESERVED_MILLISECONDS,
    onApplied: (file) => logger.info('SQL file applied', { file }),
  });
  for (const secretArn of environment.roleSecretArns) await setPassword(execute, () => readSecret(secretArn));
  return { applied };
}

async function readSecret(secretArn: string): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: secretArn });
  const { SecretString = '{}' } = await retryPassing(() => secrets.send(command));
  return SecretString;
}

async function execute(sql: string, parameters: StatementParameters): Promise<string | undefined> {
  const options = { continueAfterTimeout: true } as const;
  const { records = [] } = await retryPassing(() =>
    database.execute(sql, parameters, Date.now() + RESUME_WAIT_MILLISECONDS, options),
  );
  return records[0]?.[0]?.stringValue;
}
