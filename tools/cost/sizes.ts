import { readConsumption } from './consumption.ts';
import { estimate } from './estimate.ts';
import { type Inventory, readInventory } from './inventory.ts';
import { formatUsd, type MicroUsd } from './money.ts';
import type { Workload } from './month.ts';
import { readPrices } from './prices.ts';
import { sumOf } from './report.ts';

/** What the table of the README shows. */
const SIZES = [
  { what: 'a development stage, idle', stage: 'dev', rowsPerDay: 0, filesPerDay: 0 },
  { what: 'one shop', stage: 'prod', rowsPerDay: 5_000, filesPerDay: 1 },
  { what: 'ten shops', stage: 'prod', rowsPerDay: 100_000, filesPerDay: 10 },
  { what: 'a chain', stage: 'prod', rowsPerDay: 5_000_000, filesPerDay: 500 },
] as const;

/** @returns a table in Markdown: the sizes, with what each costs in its first month and after a year */
export function formatSizes(): string {
  const prices = readPrices();
  const consumption = readConsumption();
  const inventories = new Map<string, Inventory>();
  const rows = SIZES.map(({ what, stage, rowsPerDay, filesPerDay }) => {
    const inventory = inventories.get(stage) ?? readInventory(stage);
    inventories.set(stage, inventory);
    const costAfter = (months: number, services: readonly string[] = []): MicroUsd => {
      const workload: Workload = { ...NOTHING_ELSE, rowsPerDay, filesPerDay, months };
      const lines = estimate(workload, inventory, consumption, prices);
      return sumOf(services.length === 0 ? lines : lines.filter(({ service }) => services.includes(service)));
    };
    const amounts = [costAfter(1), costAfter(12), costAfter(12, ['Aurora']), costAfter(12, ['AWS Backup'])];
    const counts = [rowsPerDay, filesPerDay].map((count) => count.toLocaleString('en-US'));
    return `| ${[what, stage, ...counts, ...amounts.map(formatUsd)].join(' | ')} |`;
  });
  return [
    '| what | stage | rows a day | files a day | USD, first month | USD, twelfth month | of it Aurora | of it AWS Backup |',
    '|---|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

const NOTHING_ELSE = { athenaGb: 0, quicksightAuthors: 0, quicksightReaders: 0 };
