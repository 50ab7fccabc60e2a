import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of `sql/` that changes the database. */
export interface SqlFile {
  /** Folder and name, such as `functions/load_batch.sql`. */
  readonly name: string;
  /** A repeatable file is applied again when its text changes; any other file is applied once. */
  readonly isRepeatable: boolean;
  readonly sql: string;
  readonly checksum: string;
  /** Name with its schema, and statement without comments, of a file that builds an index outside a transaction. */
  readonly index?: { readonly name: string; readonly statement: string };
}

export interface SqlFiles {
  /** Statement that creates what applying the other files needs. */
  readonly bootstrap: string;
  /** In the order in which they are applied: numbered files, functions, views. */
  readonly files: readonly SqlFile[];
}

const NUMBERED = /^(\d{4})_[a-z0-9_]+(\.concurrently)?\.sql$/;
const REPEATABLE = /^[a-z0-9_]+\.sql$/;
/** The Data API does not document how it finds parameters in a statement: a colon may be taken for one. */
const CREATE_INDEX =
  /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY ([a-z0-9_]+) ON ([a-z0-9_]+)\.[a-z0-9_]+ [^:;]+$/;

/**
 * Reads the files of `sql/`.
 * @throws {Error} that names a file whose name, number or content is wrong
 */
export async function readSqlFiles(folder: string): Promise<SqlFiles> {
  const bootstrap = await readFile(join(folder, 'bootstrap.sql'), 'utf8');
  const form = 'NNNN_slug.sql or NNNN_slug.concurrently.sql';
  const numbered = await readFolder(folder, 'migrations', NUMBERED, form);
  for (const [index, { name }] of numbered.entries()) {
    const number = String(index + 1).padStart(4, '0');
    if (!name.startsWith(`migrations/${number}_`)) {
      throw new Error(`${name} must have the number ${number}: the numbers have no gaps and no duplicates`);
    }
  }
  const functions = await readFolder(folder, 'functions', REPEATABLE, 'slug.sql');
  const views = await readFolder(folder, 'views', REPEATABLE, 'slug.sql');
  return { bootstrap, files: [...numbered, ...functions, ...views] };
}

async function readFolder(parent: string, folder: string, pattern: RegExp, form: string): Promise<SqlFile[]> {
  const fileNames = (await readdir(join(parent, folder))).sort();
  return Promise.all(
    fileNames.map(async (fileName) => {
      const name = `${folder}/${fileName}`;
      const match = pattern.exec(fileName);
      if (match === null) throw new Error(`${name} must have a name of the form ${form}`);
      const sql = await readFile(join(parent, name), 'utf8');
      return {
        name,
        isRepeatable: folder !== 'migrations',
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
        ...(match[2] !== undefined && { index: readIndexBuild(name, sql) }),
      };
    }),
  );
}

function readIndexBuild(name: string, sql: string): NonNullable<SqlFile['index']> {
  const statement = sql.replace(/--.*/g, '').replace(/\s+/g, ' ').trim().replace(/;$/, '');
  const match = CREATE_INDEX.exec(statement);
  if (match === null) {
    throw new Error(
      `${name} must hold one statement without a colon: CREATE [UNIQUE] INDEX CONCURRENTLY name ON schema.table …`,
    );
  }
  return { name: `${match[2]}.${match[1]}`, statement };
}
