import { readdir, readFile } from 'node:fs/promises';
import { Argument } from 'commander';
import { isIsoDate, readDate } from '../../lambdas/core/rows/dates.ts';
import type { SqlValue } from '../../lambdas/shared/data-api.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, repeatable } from '../command.ts';
import { EXIT, UserError, wrongUsage } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { type Column, formatTable } from '../output/table.ts';

const FOLDER = new URL('../../sql/queries/', import.meta.url);

/** A file of `sql/queries/`: its comment gives the description and the parameters. */
interface NamedQuery {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly { readonly name: string; readonly description: string }[];
  readonly sql: string;
}

interface QueryOptions extends CommonOptions {
  readonly param: readonly string[];
}

export const QUERY: CommandSpec<QueryOptions> = {
  name: 'query',
  description: 'run a query of sql/queries/, or list them with their parameters',
  argument: new Argument('[name]', 'name of a query; without it, list all queries'),
  options: [repeatable('--param <name=value>', 'a parameter of the query; may be repeated')],
  async run([name], options, { io, withCloud }) {
    const queries = await readNamedQueries();
    if (name === undefined) {
      listQueries(io, queries, options.json);
      return EXIT.done;
    }
    const query = queries.find((candidate) => candidate.name === name);
    if (query === undefined) {
      const names = queries.map((known) => known.name).join(', ');
      throw wrongUsage(`there is no query "${name}". The queries are ${names}`);
    }
    const parameters = readParameters(query, options.param);
    const rows = await withCloud(options, (client) => runQuery(client, query, parameters));
    printRows(io, rows, options.json);
    return EXIT.done;
  },
};

async function readNamedQueries(): Promise<NamedQuery[]> {
  const fileNames = (await readdir(FOLDER)).filter((fileName) => fileName.endsWith('.sql')).sort();
  return Promise.all(
    fileNames.map(async (fileName) => {
      const sql = await readFile(new URL(fileName, FOLDER), 'utf8');
      const comments = [...sql.matchAll(/^-- (.*)$/gm)].map(([, comment]) => comment!);
      const parameters = [...sql.matchAll(/^-- @param (\w+) (.*)$/gm)].map(([, name, description]) => {
        return { name: name!, description: description! };
      });
      const description = comments.filter((comment) => !comment.startsWith('@param')).join(' ');
      return { name: fileName.slice(0, -'.sql'.length), description, parameters, sql };
    }),
  );
}

async function runQuery(
  client: CloudClient,
  { name, sql }: NamedQuery,
  parameters: Readonly<Record<string, string>>,
): Promise<Record<string, SqlValue>[]> {
  try {
    return await client.query(sql, parameters);
  } catch (error) {
    if ((error as Error).name !== 'DatabaseErrorException') throw error;
    // "ERROR: …; Position: 7; SQLState: 42601"
    const problem = (error as Error).message.replace(/^ERROR: /, '').replace(/(; \w+: \w+)+$/, '');
    const message = `the database refused the query ${name} (sql/queries/${name}.sql): ${problem}`;
    throw new UserError(message, EXIT.failed, { cause: error });
  }
}

/** @throws {UserError} if a parameter is missing, unknown, not of the form name=value, or not the date that it must be */
function readParameters(
  { name, parameters, sql }: NamedQuery,
  texts: readonly string[],
): Record<string, string> {
  const values: Record<string, string> = {};
  const known = parameters.map((parameter) => parameter.name);
  for (const text of texts) {
    const [key = '', ...rest] = text.split('=');
    if (rest.length === 0 || !known.includes(key)) {
      const takes = known.map((parameter) => `--param ${parameter}=…`).join(' ') || 'no parameters';
      throw wrongUsage(`"${text}" is not a parameter of ${name}: it takes ${takes}`);
    }
    values[key] = rest.join('=');
  }
  const missing = parameters.filter((parameter) => values[parameter.name] === undefined);
  if (missing.length > 0) {
    const wanted = missing.map((parameter) => `--param ${parameter.name}=… (${parameter.description})`);
    throw wrongUsage(`${name} needs ${wanted.join(', ')}`);
  }
  for (const [, date = ''] of sql.matchAll(/CAST\(:(\w+) AS date\)/gi)) {
    const value = values[date]!;
    if (isIsoDate(value)) continue;
    const example = suggestDate(value);
    throw wrongUsage(
      `the parameter ${date} of ${name} is an existing date of the form YYYY-MM-DD, such as ${example}, and not "${value}"`,
    );
  }
  return values;
}

/** Writes a date as queries take it, in both readings if it has two: the order of a store's files does not say this one's. */
function suggestDate(text: string): string {
  const written = readDate(text, { order: 'dmy' }) ?? readDate(text, { order: 'mdy' });
  if (written === undefined) return '2025-03-15';
  return written.other === undefined ? written.iso : `${written.iso} or ${written.other}`;
}

function listQueries(io: Io, queries: readonly NamedQuery[], asJson: boolean): void {
  if (asJson) {
    const listed = queries.map(({ sql: _sql, ...rest }) => rest);
    printJson(listed, io);
    return;
  }
  const columns: Column<NamedQuery>[] = [
    { title: 'query', value: ({ name }) => name },
    { title: 'parameters', value: ({ parameters }) => parameters.map(({ name }) => name).join(', ') },
    { title: 'answers', value: ({ description }) => description },
  ];
  io.print(formatTable(queries, columns));
}

function printRows(io: Io, rows: readonly Record<string, SqlValue>[], asJson: boolean): void {
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
    const flags = values.flatMap(([key, value]) => ['--param', `${key}=${value}`]);
    io.print(['', description, `> ${client.commandLine('query', name, ...flags)}`, '']);
    printRows(io, await client.query(sql, Object.fromEntries(values)), false);
  }
}
