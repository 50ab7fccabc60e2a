import { readFileSync } from 'node:fs';
import { formatTable } from '../../cli/output/table.ts';
import type { Consumption } from '../cost/consumption.ts';
import type { measureApi } from './api.ts';
import type { measureColdStart } from './cold-start.ts';
import type { measureConsole } from './console.ts';
import type { measureConsumption } from './consumption.ts';
import type { measureLatency } from './latency.ts';
import type { measureMemory } from './memory.ts';
import { round } from './numbers.ts';
import type { measureThroughput } from './throughput.ts';

type Result<Measure extends (...args: never[]) => unknown> = Awaited<ReturnType<Measure>>;

/** Results of the benchmark, printed as JSON and kept in `docs/performance.json`. The names carry the units. */
export interface Results {
  readonly schemaVersion: 2;
  readonly throughput?: Result<typeof measureThroughput>;
  readonly api?: Result<typeof measureApi>;
  readonly latency?: Result<typeof measureLatency>;
  readonly memory?: Result<typeof measureMemory>;
  readonly coldStart?: Result<typeof measureColdStart>;
  readonly console?: Result<typeof measureConsole>;
  /** The numbers that the cost estimate uses are kept in `tools/cost/consumption.json`. */
  readonly consumption?: Omit<Result<typeof measureConsumption>, keyof Consumption> & Partial<Consumption>;
}

export const RESULTS_FILE = new URL('../../docs/performance.json', import.meta.url);

/** Reads the results that the documentation shows. */
export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as Results;
}

interface Line {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Ratio to another number, which it names: `0.81 × COPY`. */
  readonly ratio?: string;
  /** A counted number was not measured. @default 'measured' */
  readonly basis?: 'measured' | 'counted';
}

/** Parts of the results with the lines of their tables. */
const PARTS = {
  throughput: { title: 'Rows per second', list: listThroughput },
  api: { title: 'API', list: listApi },
  latency: { title: 'Small file', list: listLatency },
  memory: { title: 'Peak memory', list: listMemory },
  coldStart: { title: 'Cold start', list: listColdStart },
  console: { title: 'Console', list: listConsole },
  consumption: { title: 'Consumption per million rows', list: listConsumption },
} as const;
export const PART_NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];

const CONSUMPTION_NUMBERS = [
  { key: 'sqsRequestsPerMillionRows', what: 'SQS requests of 64 KB', unit: 'requests' },
  { key: 'dataApiRequestsPerMillionRows', what: 'Data API requests of 32 KB', unit: 'requests' },
  { key: 'lambdaGbSecondsPerMillionRows', what: 'Lambda', unit: 'GB-seconds' },
  { key: 'lambdaProcessorSecondsPerMillionRows', what: 'Lambda, processor time', unit: 'seconds' },
] as const;

function listThroughput({ throughput }: Results): Line[] {
  return (throughput?.measurements ?? []).map(({ what, rowsPerSecond, ratioToCopy }) => {
    return { what, value: rowsPerSecond, unit: 'rows/s', ratio: formatRatio(ratioToCopy, 'COPY') };
  });
}

function listApi({ api }: Results): Line[] {
  return (api?.measurements ?? []).map(({ what, rowsPerSecond, ratioToFile }) => {
    return { what, value: rowsPerSecond, unit: 'rows/s', ratio: formatRatio(ratioToFile, 'file', 3) };
  });
}

function listLatency({ latency }: Results): Line[] {
  if (latency === undefined) return [];
  const { pipeline, copyWithConnection: copy, copyAlone, firstFileMilliseconds } = latency;
  const compare = (what: string, value: number, reference: number): Line => {
    return { what, value, unit: 'ms', ratio: formatRatio(value / reference, 'COPY') };
  };
  return [
    compare('COPY with its connection, median', copy.p50Milliseconds, copy.p50Milliseconds),
    compare('pipeline, put to complete, median', pipeline.p50Milliseconds, copy.p50Milliseconds),
    compare('COPY with its connection, 95th percentile', copy.p95Milliseconds, copy.p95Milliseconds),
    compare('pipeline, put to complete, 95th percentile', pipeline.p95Milliseconds, copy.p95Milliseconds),
    compare('COPY without the connection, median', copyAlone.p50Milliseconds, copy.p50Milliseconds),
    { what: 'pipeline, first file (two cold starts)', value: firstFileMilliseconds, unit: 'ms' },
  ];
}

function listMemory({ memory }: Results): Line[] {
  return (memory?.functions ?? []).flatMap(({ name, runs }) =>
    runs.map(({ rows, peakResidentMiB }) => ({
      what: `${name}, ${formatNumber(rows)} rows`,
      value: peakResidentMiB,
      unit: 'MiB',
      ratio: formatRatio(peakResidentMiB / runs[0]!.peakResidentMiB, `${formatNumber(runs[0]!.rows)} rows`),
    })),
  );
}

function listColdStart({ coldStart }: Results): Line[] {
  return (coldStart?.functions ?? []).flatMap(({ name, bundleKiB, initMilliseconds }) => [
    { what: `${name}, loading`, value: initMilliseconds, unit: 'ms' },
    { what: `${name}, bundle`, value: bundleKiB, unit: 'KiB' },
  ]);
}

function listConsole({ console: measured }: Results): Line[] {
  if (measured === undefined) return [];
  const {
    smallFileMilliseconds: reference,
    rowsPerSecondInNode: inNode,
    rowsPerSecondInPage: inPage,
  } = measured;
  const visit = (what: string, value: number): Line => {
    return { what, value, unit: 'ms', ratio: formatRatio(value / reference, 'small file') };
  };
  const check = (what: string, value: number): Line => {
    return { what, value, unit: 'rows/s', ratio: formatRatio(value / inNode, 'Node.js') };
  };
  return [
    visit('small file of the same server (reference)', reference),
    visit('first visit, until files can be chosen', measured.firstVisitMilliseconds),
    visit('next visit, until files can be chosen', measured.nextVisitMilliseconds),
    { what: 'first visit, bytes received', value: measured.firstVisitBytes / 1_000, unit: 'kB' },
    check('parser in Node.js (reference)', inNode),
    check('check of a file in the page', inPage),
  ];
}

function listConsumption({ consumption }: Results): Line[] {
  if (consumption === undefined) return [];
  const value = consumption.minSqsRequestsPerMillionRows;
  const what = 'SQS requests of 64 KB, possible minimum';
  const minimum: Line = { what, value, unit: 'requests', basis: 'counted' };
  const numbers = CONSUMPTION_NUMBERS.flatMap(({ key, what, unit }) => {
    const values = consumption.files.flatMap(({ rows, basis, [key]: value }) =>
      value === undefined ? [] : [{ rows, basis, value }],
    );
    return values.map(({ rows, basis, value }): Line => {
      const first = values[0]!;
      const ratio = formatRatio(value / first.value, `${formatNumber(first.rows)} rows`);
      return { what: `${what}, file of ${formatNumber(rows)} rows`, value, unit, ratio, basis };
    });
  });
  return [minimum, ...numbers];
}

export function formatText(results: Results): string {
  const lines = PART_NAMES.flatMap((name) => {
    return PARTS[name].list(results).map((line) => ({ part: PARTS[name].title, ...line }));
  });
  return formatTable(lines, [
    { title: 'part', value: ({ part }) => part },
    { title: 'what', value: ({ what }) => what },
    { title: 'value', value: ({ value }) => shorten(value) },
    { title: 'unit', value: ({ unit }) => unit },
    { title: 'ratio', value: ({ ratio = '' }) => ratio },
    { title: 'basis', value: ({ basis = 'measured' }) => basis },
  ]).join('\n');
}

/**
 * Formats the table of a part for the documentation, in Markdown. The table of a part that has counted numbers says
 * which these are.
 * @throws {Error} if there is no such part
 */
export function formatMarkdown(name: string, results: Results): string {
  const part = PART_NAMES.find((candidate) => candidate === name);
  if (part === undefined) throw new Error(`there is no table "${name}"`);
  const lines = PARTS[part].list(results);
  const hasBasis = lines.some(({ basis }) => basis === 'counted');
  const rows = lines.map(({ what, value, unit, ratio = '', basis = 'measured' }) => {
    return [what, formatNumber(shorten(value)), unit, ratio, ...(hasBasis ? [basis] : [])];
  });
  const titles = ['what', 'value', 'unit', 'ratio', ...(hasBasis ? ['basis'] : [])];
  const rule = titles.map((title) => (title === 'value' ? '---:' : '---'));
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Rounds a number for a table. Numbers below 100 have one decimal. */
function shorten(value: number): number {
  return round(value, Math.abs(value) < 100 ? 10 : 1);
}

function formatRatio(ratio: number, reference: string, decimals = 2): string {
  return `${ratio.toFixed(decimals)} × ${reference}`;
}

function formatNumber(value: number): string {
  return value.toLocaleString('en-US');
}
