import type { Command } from 'commander';
import type { SqlValue } from '../../lambdas/shared/data-api.ts';
import type { CloudClient } from '../cloud-client.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import { type NamedQuery, readNamedQueries } from '../named-queries.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson } from '../output/console.ts';
import { formatTable } from '../output/table.ts';
import { withCloud } from '../with-cloud.ts';

interface QueryOptions extends CommonOptions {
  readonly param: readonly string[];
}

export function addQuery(program: Command, finish: (code: ExitCode) => void): void {
  const collect = (value: string, previous: readonly string[]) => [...previous, value];
  const command = program
    .command('query')
    .description('run a query of sql/queries/; without a name, list them with their parameters')
    .argument('[name]')
    .option('--param <k=v>', 'a parameter of the query; may be given again', collect, []);
  withCommonOptions(command).action(async (name: string | undefined, options: QueryOptions) => {
    const queries = await readNamedQueries();
    if (name === undefined) {
      listQueries(queries, options.json);
    } else {
      const query = queries.find((candidate) => candidate.name === name);
      if (query === undefined) {
        const names = queries.map((known) => known.name).join(', ');
        throw new UserError(`there is no query "${name}"; there are ${names}`, EXIT.wrongUsage);
      }
      const parameters = readParameters(query, options.param);
      printRows(await withCloud(options, (client) => runQuery(client, query, parameters)), options.json);
    }
    finish(EXIT.done);
  });
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
    throw new UserError(`query ${name}: ${(error as Error).message}`, EXIT.failed, { cause: error });
  }
}

/** @throws {UserError} where a parameter is missing, unknown or not written as name=value */
function readParameters({ name, parameters }: NamedQuery, given: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  const known = parameters.map((parameter) => parameter.name);
  for (const text of given) {
    const [key = '', ...rest] = text.split('=');
    if (rest.length === 0 || !known.includes(key)) {
      const takes = known.map((parameter) => `--param ${parameter}=…`).join(' ') || 'no parameter';
      throw new UserError(`"${text}" is no parameter of ${name}; it takes ${takes}`, EXIT.wrongUsage);
    }
    values[key] = rest.join('=');
  }
  const missing = parameters.filter((parameter) => values[parameter.name] === undefined);
  if (missing.length > 0) {
    const wanted = missing
      .map((parameter) => `--param ${parameter.name}=… (${parameter.description})`)
      .join(', ');
    throw new UserError(`${name} needs ${wanted}`, EXIT.wrongUsage);
  }
  return values;
}

function listQueries(queries: readonly NamedQuery[], asJson: boolean): void {
  if (asJson) {
    printJson(queries.map(({ sql: _sql, ...rest }) => rest));
    return;
  }
  const columns = [
    { title: 'query', value: (query: NamedQuery) => query.name },
    {
      title: 'parameters',
      value: (query: NamedQuery) => query.parameters.map(({ name }) => name).join(', '),
    },
    { title: 'answers', value: (query: NamedQuery) => query.description },
  ];
  print(formatTable(queries, columns));
}

export function printRows(rows: readonly Record<string, SqlValue>[], asJson: boolean): void {
  if (asJson) {
    printJson(rows);
    return;
  }
  const titles = Object.keys(rows[0] ?? {});
  const columns = titles.map((title) => ({
    title,
    value: (row: Record<string, SqlValue>) =>
      typeof row[title] === 'boolean' ? String(row[title]) : row[title]!,
  }));
  print(rows.length === 0 ? 'No rows.' : formatTable(rows, columns as never));
}
