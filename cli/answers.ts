import type { CloudClient } from './cloud-client.ts';
import { printRows } from './commands/query.ts';
import { readNamedQueries } from './named-queries.ts';
import { print } from './output/console.ts';

/** Answers every query of `sql/queries/`, for the newest day and the product that moved most often. */
export async function printAnswers(client: CloudClient): Promise<void> {
  const [example] = await client.query(
    `SELECT max(transaction_date) AS date, mode() WITHIN GROUP (ORDER BY name) AS product FROM transactions`,
    {},
  );
  if (example?.date == null) return;
  for (const { name, description, parameters, sql } of await readNamedQueries()) {
    const values = parameters.map((parameter) => [parameter.name, String(example[parameter.name])] as const);
    const given = values.map(([key, value]) => ` --param ${key}="${value}"`).join('');
    print(`\n${description}\n> ${client.commandLine(`query ${name}${given}`)}\n`);
    printRows(await client.query(sql, Object.fromEntries(values)), false);
  }
}
