import { Argument } from 'commander';
import type { SqlValue } from '../../lambdas/shared/data-api.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, repeatable } from '../command.ts';
import { EXIT, UserError, wrongUsage } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { formatTable } from '../output/table.ts';
import { type NamedQuery, printRows, readNamedQueries } from '../queries.ts';

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

/** @throws {UserError} if a parameter is missing, unknown or not of the form name=value */
function readParameters({ name, parameters }: NamedQuery, texts: readonly string[]): Record<string, string> {
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
  return values;
}

function listQueries(io: Io, queries: readonly NamedQuery[], asJson: boolean): void {
  if (asJson) {
    printJson(
      queries.map(({ sql: _sql, ...rest }) => rest),
      io,
    );
    return;
  }
  io.print(
    formatTable(queries, [
      { title: 'query', value: ({ name }) => name },
      { title: 'parameters', value: ({ parameters }) => parameters.map(({ name }) => name).join(', ') },
      { title: 'answers', value: ({ description }) => description },
    ]),
  );
}
