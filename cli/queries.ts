import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SqlValue } from '../lambdas/shared/data-api.ts';
import type { CloudClient } from './cloud-client.ts';
import { type Io, printJson } from './output/console.ts';
import { formatTable } from './output/table.ts';

const FOLDER = new URL('../sql/queries/', import.meta.url);

/** A file of `sql/queries/`: its comment gives the description and the parameters. */
export interface NamedQuery {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly { readonly name: string; readonly description: string }[];
  readonly sql: string;
}

export async function readNamedQueries(): Promise<NamedQuery[]> {
  const fileNames = (await readdir(fileURLToPath(FOLDER)))
    .filter((fileName) => fileName.endsWith('.sql'))
    .sort();
  return Promise.all(
    fileNames.map(async (fileName) => {
      const sql = await readFile(new URL(fileName, FOLDER), 'utf8');
      const comments = [...sql.matchAll(/^-- (.*)$/gm)].map((match) => match[1]!);
      const parameters = [...sql.matchAll(/^-- @param (\w+) (.*)$/gm)].map(([, name, description]) => ({
        name: name!,
        description: description!,
      }));
      const description = comments.filter((comment) => !comment.startsWith('@param')).join(' ');
      return { name: fileName.slice(0, -'.sql'.length), description, parameters, sql };
    }),
  );
}

/** Prints the rows of a query as a table or as JSON. */
export function printRows(io: Io, rows: readonly Record<string, SqlValue>[], asJson: boolean): void {
  if (asJson) {
    printJson(rows, io);
    return;
  }
  const columns = Object.keys(rows[0] ?? {}).map((title) => ({
    title,
    value: (row: Record<string, SqlValue>) => {
      const value = row[title] ?? null;
      return typeof value === 'boolean' ? String(value) : value;
    },
  }));
  io.print(rows.length === 0 ? 'No rows.' : formatTable(rows, columns));
}

/** Runs every query of `sql/queries/` for the newest day and the most frequent product, and prints the answers. */
export async function printAnswers(client: CloudClient, io: Io): Promise<void> {
  const [example] = await client.query(
    'SELECT max(transaction_date) AS date, mode() WITHIN GROUP (ORDER BY name) AS product FROM transactions',
  );
  if (example?.date == null) return;
  for (const { name, description, parameters, sql } of await readNamedQueries()) {
    const values = parameters.map((parameter) => [parameter.name, String(example[parameter.name])] as const);
    const flags = values.map(([key, value]) => ` --param ${key}="${value}"`).join('');
    io.print(`\n${description}\n> ${client.commandLine(`query ${name}${flags}`)}\n`);
    printRows(io, await client.query(sql, Object.fromEntries(values)), false);
  }
}
