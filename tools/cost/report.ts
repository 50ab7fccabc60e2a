import { formatTable } from '../../cli/output/table.ts';
import { MEASURED_CONSUMPTION } from './consumption.ts';
import { estimate, type Line, sumUsd } from './estimate.ts';
import { formatUsd } from './prices.ts';

const EXAMPLES = [
  { what: 'a development stage, idle', stage: 'dev', rowsPerDay: 0, filesPerDay: 0 },
  { what: 'one shop', stage: 'prod', rowsPerDay: 5_000, filesPerDay: 1 },
  { what: 'ten shops', stage: 'prod', rowsPerDay: 100_000, filesPerDay: 10 },
  { what: 'a chain', stage: 'prod', rowsPerDay: 5_000_000, filesPerDay: 500 },
] as const;
const NO_CALLS = { callsPerDay: 0, messagesPerDay: 0, connections: 0 };
const NO_QUERIES = { athenaGb: 0, quicksightAuthors: 0, quicksightReaders: 0 };

/** Formats a table for the terminal: each item that costs something, a sum for each service, and the total. */
export function formatLines(lines: readonly Line[]): string {
  const rows = [...groupByService(lines)].flatMap(([service, all]) => {
    const items = all.filter(({ usd }) => usd > 0);
    const sum = { service, item: 'together', usd: sumUsd(items) };
    return items.length > 1 ? [...items, sum] : items;
  });
  const cells = [...rows, { service: 'all', item: '', usd: sumUsd(lines) }].map(({ service, item, usd }) => {
    return { service, item, usd: formatUsd(usd) };
  });
  const width = Math.max(...cells.map(({ usd }) => usd.length));
  return formatTable(cells, [
    { title: 'service', value: ({ service }) => service },
    { title: 'item', value: ({ item }) => item },
    { title: 'USD a month', value: ({ usd }) => usd.padStart(width) },
  ]).join('\n');
}

/** Makes the JSON document: amounts are in USD. */
export function toJson(lines: readonly Line[]) {
  const services = [...groupByService(lines)];
  return {
    totalUsd: sumUsd(lines),
    services: Object.fromEntries(services.map(([service, all]) => [service, sumUsd(all)])),
    lines,
  };
}

/** Formats the Markdown table of the documentation: costs in the first month and after a year. */
export async function formatExamples(): Promise<string> {
  const { readInventory } = await import('./inventory.ts');
  const inventories = { dev: readInventory('dev'), prod: readInventory('prod') };
  const rows = EXAMPLES.map(({ what, stage, ...perDay }) => {
    const estimateMonth = (months: number) =>
      estimate({ ...NO_CALLS, ...NO_QUERIES, ...perDay, months }, inventories[stage], MEASURED_CONSUMPTION);
    const twelfth = estimateMonth(12);
    const sumService = (name: string) => sumUsd(twelfth.filter(({ service }) => service === name));
    const counts = [perDay.rowsPerDay, perDay.filesPerDay].map((count) => count.toLocaleString('en-US'));
    const amounts = [
      sumUsd(estimateMonth(1)),
      sumUsd(twelfth),
      sumService('Aurora'),
      sumService('AWS Backup'),
    ];
    return `| ${[what, stage, ...counts, ...amounts.map(formatUsd)].join(' | ')} |`;
  });
  return [
    '| what | stage | rows a day | files a day | USD, first month | USD, twelfth month | Aurora’s share | AWS Backup’s share |',
    '|---|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

function groupByService(lines: readonly Line[]): Map<string, Line[]> {
  return Map.groupBy(lines, ({ service }) => service);
}
