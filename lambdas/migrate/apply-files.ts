import { setTimeout as sleep } from 'node:timers/promises';
import type { StatementParameters } from '../shared/data-api.ts';
import type { SqlFile, SqlFiles } from './sql-files.ts';

/**
 * Runs a statement that continues after the Data API stopped waiting for it, and returns the first value of its answer.
 * @throws an error named StatementTimeoutException if the statement still runs
 */
export type Execute = (sql: string, parameters: StatementParameters) => Promise<string | undefined>;

export interface ApplyOptions {
  /** Time after which no statement is repeated, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly pollMilliseconds?: number;
  readonly onApplied?: (name: string) => void;
}

/** The file is a parameter: the Data API would look for parameters in the text of a statement. */
const APPLY = 'SELECT ledger.apply_file(:name, :checksum, CAST(:repeatable AS boolean), :content) AS result';

/** Applying a file refuses another one under its number: no index is built before. */
const INDEX_STATE = `
  SELECT CASE
    WHEN EXISTS (
      SELECT FROM ledger.migrations AS m WHERE split_part(m.file_name, '_', 1) = split_part(:file, '_', 1)
    ) THEN 'recorded'
    WHEN to_regclass(:index) IS NULL THEN 'missing'
    WHEN EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = to_regclass(:index))
      THEN 'building'
    WHEN (SELECT i.indisvalid FROM pg_index AS i WHERE i.indexrelid = to_regclass(:index)) THEN 'valid'
    ELSE 'invalid'
  END AS state`;

/** PostgreSQL's code for an index that exists: another deployment creates it. */
const EXISTS = /SQLState: 42P07/;

/**
 * Brings the database to the state that the files describe. Applying them again changes nothing.
 * @returns the names of the files that were applied
 * @throws if a file fails, or the database has another one under its number; the files before it stay applied, and of the
 * file itself nothing does
 */
export async function applyFiles(
  execute: Execute,
  { bootstrap, files }: SqlFiles,
  options: ApplyOptions,
): Promise<string[]> {
  // It waits while another deployment applies a file, which may take longer than a call.
  while ((await unlessTimeout(() => execute(bootstrap, {}).then(() => true))) === undefined) {
    await waitFor('bootstrap.sql', options);
  }
  const applied: string[] = [];
  for (const file of files) {
    if (file.index !== undefined) await buildIndex(execute, file.name, file.index, options);
    if ((await applyFile(execute, file, options)) === 'unchanged') continue;
    applied.push(file.name);
    options.onApplied?.(file.name);
  }
  return applied;
}

/** Applies a file, or records it if it builds an index, in one transaction. */
async function applyFile(execute: Execute, file: SqlFile, options: ApplyOptions) {
  const parameters = {
    name: file.name,
    checksum: file.checksum,
    repeatable: String(file.isRepeatable),
    content: file.index === undefined ? file.sql : '',
  };
  for (let hasTimedOut = false; ; ) {
    // A call that timed out holds the lock until it ends: the next call is busy meanwhile, and then sees its result.
    const result = await unlessTimeout(() => execute(APPLY, parameters));
    if (result === 'applied' || result === 'unchanged') return hasTimedOut ? 'applied' : result;
    hasTimedOut ||= result === undefined;
    await waitFor(file.name, options);
  }
}

/**
 * Builds an index outside a transaction, which takes longer than a call may. An invalid index, which a build that failed
 * leaves, is dropped and built again once.
 */
async function buildIndex(
  execute: Execute,
  file: string,
  { name, statement }: NonNullable<SqlFile['index']>,
  options: ApplyOptions,
): Promise<void> {
  let isSent = false;
  for (let previous = ''; ; ) {
    const state = (await execute(INDEX_STATE, { file, index: name })) ?? '';
    if (state === 'recorded' || state === 'valid') return;
    if (state === 'missing' && !isSent) {
      isSent = true;
      await unlessTimeout(() => execute(statement, {}).catch(unlessExists));
      continue;
    }
    // A build that ends at this moment looks invalid once.
    if (state === 'invalid' && previous === 'invalid') {
      if (isSent) {
        throw new Error(
          `${file}: the index ${name} is invalid. The database's log has the error of its build. ` +
            'Correct its cause and deploy again, which drops the index and builds it again.',
        );
      }
      await unlessTimeout(() => execute(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`, {}));
    } else {
      await waitFor(file, options);
    }
    previous = state;
  }
}

async function unlessTimeout<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && error.name === 'StatementTimeoutException') return undefined;
    throw error;
  }
}

function unlessExists(error: unknown): undefined {
  if (error instanceof Error && EXISTS.test(error.message)) return undefined;
  throw error;
}

async function waitFor(file: string, { deadline, pollMilliseconds = 2_000 }: ApplyOptions): Promise<void> {
  if (Date.now() + pollMilliseconds > deadline) {
    throw new Error(
      `${file} is still being applied, by this deployment or another one. Deploy again to wait for its result.`,
    );
  }
  await sleep(pollMilliseconds);
}

/** Gives a role the password of its secret. If the secret is rotated in the meantime, the role gets the new password. */
export async function setPassword(execute: Execute, readSecret: () => Promise<string>): Promise<void> {
  let given: string | undefined;
  for (;;) {
    const secret = await readSecret();
    if (secret === given) return;
    const { username, password } = JSON.parse(secret) as { username: string; password: string };
    await execute('SELECT ledger.set_password(:username, :password) AS result', { username, password });
    given = secret;
  }
}
