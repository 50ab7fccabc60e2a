import { formatTable } from '../../cli/output/table.ts';
import type { Line } from './estimate.ts';
import { formatUsd, type MicroUsd } from './money.ts';

export function sumOf(lines: readonly Line[]): MicroUsd {
  return lines.reduce((sum, { microUsd }) => sum + microUsd, 0n);
}

/** The costs of each service, in the order of the lines. */
function byService(lines: readonly Line[]): Map<string, MicroUsd> {
  const sums = new Map<string, MicroUsd>();
  for (const { service, microUsd } of lines) sums.set(service, (sums.get(service) ?? 0n) + microUsd);
  return sums;
}

/** What a person reads: each item that costs something, and what each service costs. */
export function formatLines(lines: readonly Line[]): string {
  const sums = byService(lines);
  const columns = [
    { title: 'service', value: ({ service }: Row) => service },
    { title: 'item', value: ({ item }: Row) => item },
    { title: 'USD a month', value: ({ usd }: Row) => usd },
  ];
  const rows: Row[] = [...sums].flatMap(([service, sum]) => {
    if (sum === 0n) return [];
    const items = lines.filter((line) => line.service === service && line.microUsd > 0n);
    return [
      ...items.map(({ item, microUsd }) => ({ service, item, usd: formatUsd(microUsd) })),
      ...(items.length > 1 ? [{ service, item: 'together', usd: formatUsd(sum) }] : []),
    ];
  });
  const width = Math.max(...rows.map(({ usd }) => usd.length), formatUsd(sumOf(lines)).length);
  const all = [...rows, { service: 'all', item: '', usd: formatUsd(sumOf(lines)) }];
  return formatTable(
    all.map((row) => ({ ...row, usd: row.usd.padStart(width) })),
    columns,
  );
}

interface Row {
  readonly service: string;
  readonly item: string;
  readonly usd: string;
}

/** What a program reads: micro-dollars as text, since they are whole numbers of any size. */
export function toJson(lines: readonly Line[]): object {
  return {
    totalUsd: formatUsd(sumOf(lines)),
    totalMicroUsd: String(sumOf(lines)),
    services: Object.fromEntries([...byService(lines)].map(([service, sum]) => [service, String(sum)])),
    lines: lines.map((line) => ({
      ...line,
      quantity: String(line.quantity),
      microUsd: String(line.microUsd),
    })),
  };
}
