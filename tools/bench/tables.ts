import { formatTable } from '../../cli/output/table.ts';
import type { FileConsumption, Results } from './results.ts';

/** One number of the results. */
export interface Line {
  readonly part: keyof typeof TITLES;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Ratio to the number that `ratioTo` names. */
  readonly ratio?: number;
  readonly ratioTo?: string;
  /** Explains a number that was not measured. */
  readonly basis?: string;
}

export const TITLES = {
  throughput: 'Rows per second',
  latency: 'Small file',
  memory: 'Peak memory',
  coldStart: 'Cold start',
  consumption: 'Consumption per million rows',
} as const;

/** Lines of the summary besides those of the throughput. */
const SUMMARY = [/^pipeline, put to complete/, /^(parse|load), [\d,]+ rows$/, /^(parse|load), loading$/];

const CONSUMPTION_NUMBERS = [
  { key: 'sqsRequestsPerMillionRows', what: 'SQS requests of 64 KB', unit: 'requests' },
  { key: 'dataApiRequestsPerMillionRows', what: 'Data API requests of 32 KB', unit: 'requests' },
  { key: 'lambdaGbSecondsPerMillionRows', what: 'Lambda', unit: 'GB-seconds' },
  { key: 'lambdaProcessorSecondsPerMillionRows', what: 'Lambda, processor time', unit: 'seconds' },
] as const;

/** Lists the numbers of the results, part by part. */
export function listLines(results: Results): Line[] {
  return [
    ...listThroughput(results),
    ...listLatency(results),
    ...listMemory(results),
    ...listColdStart(results),
    ...listConsumption(results),
  ];
}

function listThroughput({ throughput }: Results): Line[] {
  return (throughput?.measurements ?? []).map(({ what, rowsPerSecond, ratioToCopy }) => {
    return {
      part: 'throughput',
      what,
      value: rowsPerSecond,
      unit: 'rows/s',
      ratio: ratioToCopy,
      ratioTo: 'COPY',
    };
  });
}

function listLatency({ latency }: Results): Line[] {
  if (latency === undefined) return [];
  const { pipeline, copyWithConnection: copy, copyAlone, firstFileMilliseconds } = latency;
  const compare = (what: string, value: number, reference: number): Line => {
    return { part: 'latency', what, value, unit: 'ms', ratio: value / reference, ratioTo: 'COPY' };
  };
  return [
    compare('COPY with its connection, median', copy.p50Milliseconds, copy.p50Milliseconds),
    compare('pipeline, put to complete, median', pipeline.p50Milliseconds, copy.p50Milliseconds),
    compare('COPY with its connection, 95th percentile', copy.p95Milliseconds, copy.p95Milliseconds),
    compare('pipeline, put to complete, 95th percentile', pipeline.p95Milliseconds, copy.p95Milliseconds),
    compare('COPY without the connection, median', copyAlone.p50Milliseconds, copy.p50Milliseconds),
    {
      part: 'latency',
      what: 'pipeline, first file (two cold starts)',
      value: firstFileMilliseconds,
      unit: 'ms',
    },
  ];
}

function listMemory({ memory }: Results): Line[] {
  return (memory?.functions ?? []).flatMap(({ name, runs }) =>
    runs.map(({ rows, peakResidentMiB }) => ({
      part: 'memory' as const,
      what: `${name}, ${formatCount(rows)} rows`,
      value: peakResidentMiB,
      unit: 'MiB',
      ratio: peakResidentMiB / runs[0]!.peakResidentMiB,
      ratioTo: `${formatCount(runs[0]!.rows)} rows`,
    })),
  );
}

function listColdStart({ coldStart }: Results): Line[] {
  return (coldStart?.functions ?? []).flatMap(({ name, bundleKiB, initMilliseconds }) => [
    { part: 'coldStart' as const, what: `${name}, loading`, value: initMilliseconds, unit: 'ms' },
    { part: 'coldStart' as const, what: `${name}, bundle`, value: bundleKiB, unit: 'KiB' },
  ]);
}

function listConsumption({ consumption }: Results): Line[] {
  if (consumption === undefined) return [];
  const part = 'consumption';
  const minimum: Line = {
    part,
    what: 'SQS requests of 64 KB, possible minimum',
    value: consumption.minSqsRequestsPerMillionRows,
    unit: 'requests',
    basis: 'counted',
  };
  const numbers = CONSUMPTION_NUMBERS.flatMap(({ key, what, unit }) => {
    const files = consumption.files.filter(
      (file): file is FileConsumption & Record<typeof key, number> => file[key] !== undefined,
    );
    return files.map(
      (file): Line => ({
        part,
        what: `${what}, file of ${formatCount(file.rows)} rows`,
        value: file[key],
        unit,
        ratio: file[key] / files[0]![key],
        ratioTo: `${formatCount(files[0]!.rows)} rows`,
        ...(file.basis === 'counted' && { basis: 'counted' }),
      }),
    );
  });
  return [minimum, ...numbers];
}

/** Formats all lines as one table for the terminal. */
export function formatText(results: Results): string {
  const lines = listLines(results);
  const width = Math.max(...lines.map(({ value }) => formatValue(value).length));
  return formatTable(lines, [
    { title: 'part', value: ({ part }) => TITLES[part] },
    { title: 'what', value: ({ what }) => what },
    { title: 'value'.padStart(width), value: ({ value }) => formatValue(value).padStart(width) },
    { title: 'unit', value: ({ unit }) => unit },
    { title: 'ratio', value: formatRatio },
    { title: 'basis', value: ({ basis = 'measured' }) => basis },
  ]);
}

/**
 * Formats a table of the documentation in Markdown.
 * @param name a part, or `summary`
 * @throws {Error} if there is no such table
 */
export function formatMarkdown(name: string, results: Results): string {
  const lines = listLines(results);
  if (name === 'summary') {
    const isInSummary = ({ part, what }: Line) =>
      part === 'throughput' || SUMMARY.some((pattern) => pattern.test(what));
    return formatRows(lines.filter(isInSummary).map(({ basis: _, ...line }) => line));
  }
  if (!Object.hasOwn(TITLES, name)) throw new Error(`there is no table "${name}"`);
  return formatRows(lines.filter(({ part }) => part === name));
}

function formatRows(lines: readonly Line[]): string {
  const hasBasis = lines.some(({ basis }) => basis !== undefined);
  const rows = lines.map((line) => {
    const cells = [line.what, formatValue(line.value), line.unit, formatRatio(line)];
    return [...cells, ...(hasBasis ? [line.basis ?? 'measured'] : [])];
  });
  const titles = ['what', 'value', 'unit', 'ratio', ...(hasBasis ? ['basis'] : [])];
  const rule = titles.map((title) => (title === 'value' ? '---:' : '---'));
  return [titles, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Formats a number with thousands separators. Numbers below 100 have one decimal. */
function formatValue(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });
}

function formatRatio({ ratio, ratioTo }: Line): string {
  return ratio === undefined ? '' : `${ratio.toFixed(2)} × ${ratioTo}`;
}

function formatCount(rows: number): string {
  return rows.toLocaleString('en-US');
}
