import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A numbered file of `sql/migrations`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;

/**
 * Reads the migrations of a folder in the order of their numbers.
 * @throws {Error} where a file is not called NNNN_slug.sql or a number is missing or stands twice
 */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const fileNames = (await readdir(folder)).sort();
  return Promise.all(
    fileNames.map(async (fileName, index) => {
      const match = FILE_NAME.exec(fileName);
      if (match === null) throw new Error(`${fileName} is not called NNNN_slug.sql`);
      const version = Number(match[1]);
      if (version !== index + 1) throw new Error(`${fileName} should have the number ${index + 1}`);
      const sql = await readFile(join(folder, fileName), 'utf8');
      return { version, name: match[2]!, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** Where the migrations that ran are recorded. */
export const BOOTSTRAP_STATEMENTS = [
  'CREATE SCHEMA IF NOT EXISTS ledger',
  `CREATE TABLE IF NOT EXISTS ledger.migrations (
     version integer PRIMARY KEY,
     name text NOT NULL,
     checksum text NOT NULL,
     applied_at timestamptz NOT NULL DEFAULT now()
   )`,
] as const;

/**
 * One statement that runs a migration and records it, in one transaction, and does nothing where it ran before.
 * The Data API takes one statement a call; a DO block holds as many as a file has. The lock lets one of several
 * deployments through at a time.
 */
export function migrationStatement({ version, name, sql, checksum }: Migration): string {
  return `DO $retail_migration$
BEGIN
  PERFORM pg_advisory_xact_lock(20220115);
  IF EXISTS (SELECT FROM ledger.migrations AS m WHERE m.version = ${version} AND m.checksum <> '${checksum}') THEN
    RAISE EXCEPTION 'migration ${version} (${name}) was changed after it ran here: write a new one instead';
  END IF;
  IF EXISTS (SELECT FROM ledger.migrations AS m WHERE m.version = ${version}) THEN
    RETURN;
  END IF;
${sql}
  INSERT INTO ledger.migrations (version, name, checksum) VALUES (${version}, '${name}', '${checksum}');
END
$retail_migration$`;
}
