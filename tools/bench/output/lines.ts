import type {
  ColdStart,
  Growth,
  GrowthRun,
  Memory,
  QueueUse,
  Results,
  SmallFile,
  Throughput,
} from '../results.ts';
import type { Line } from './line.ts';

/** Every number of the results that is shown, part by part. */
export function linesOf(results: Results): Line[] {
  const { throughput, queue, smallFile, memory, coldStart, growth } = results;
  return [
    ...(throughput === undefined ? [] : throughputLines(throughput)),
    ...(queue === undefined ? [] : queueLines(queue)),
    ...(smallFile === undefined ? [] : smallFileLines(smallFile)),
    ...(memory === undefined ? [] : memoryLines(memory)),
    ...(coldStart === undefined ? [] : coldStartLines(coldStart)),
    ...(growth === undefined ? [] : growthLines(growth)),
  ];
}

export const PART_TITLES = {
  throughput: 'Rows a second',
  queue: 'Queue, a million rows',
  smallFile: 'A small file',
  memory: 'Peak memory',
  coldStart: 'Cold start',
  growth: 'Cost of a million rows, by the size of the file',
} as const;

function throughputLines({ measurements }: Throughput): Line[] {
  return measurements.map(({ what, rowsPerSecond, ratioToCopy }) => ({
    part: PART_TITLES.throughput,
    what,
    value: rowsPerSecond,
    unit: 'rows/s',
    ratio: ratioToCopy,
    ratioTo: 'COPY',
  }));
}

function queueLines(queue: QueueUse): Line[] {
  const pair = (what: string, unit: string, value: number, least: number): Line[] => {
    const common = { part: PART_TITLES.queue, unit, ratioTo: 'the least', basis: 'counted' };
    return [
      { ...common, what: `${what}, the least possible`, value: least, ratio: 1 },
      { ...common, what: `${what}, as the parser sends them`, value, ratio: value / least },
    ];
  };
  const { messagesPerMillionRows, leastMessagesPerMillionRows } = queue;
  const { requestsPerMillionRows, leastRequestsPerMillionRows } = queue;
  return [
    ...pair('messages of 1 MiB', 'messages', messagesPerMillionRows, leastMessagesPerMillionRows),
    ...pair('requests of 64 KB', 'requests', requestsPerMillionRows, leastRequestsPerMillionRows),
  ];
}

function smallFileLines(file: SmallFile): Line[] {
  const part = PART_TITLES.smallFile;
  const line = (what: string, value: number, reference: number): Line => {
    return { part, what, value, unit: 'ms', ratio: value / reference, ratioTo: 'COPY' };
  };
  const { pipeline, copyWithConnection: copy, copyAlone, firstFileMilliseconds } = file;
  return [
    line('COPY with its connection, median', copy.p50Milliseconds, copy.p50Milliseconds),
    line('pipeline, put to complete, median', pipeline.p50Milliseconds, copy.p50Milliseconds),
    line('COPY with its connection, 95 % within', copy.p95Milliseconds, copy.p95Milliseconds),
    line('pipeline, put to complete, 95 % within', pipeline.p95Milliseconds, copy.p95Milliseconds),
    line('COPY without the connection, median', copyAlone.p50Milliseconds, copy.p50Milliseconds),
    {
      part,
      what: 'pipeline, the first file: both functions start',
      value: firstFileMilliseconds,
      unit: 'ms',
      isDrawn: false,
    },
  ];
}

function memoryLines({ functions }: Memory): Line[] {
  return functions.flatMap(({ name, runs }) =>
    runs.map(({ rows, peakResidentMiB }) => ({
      part: PART_TITLES.memory,
      what: `${name}, ${count(rows)} rows`,
      value: peakResidentMiB,
      unit: 'MiB',
      ratio: peakResidentMiB / runs[0]!.peakResidentMiB,
      ratioTo: `${count(runs[0]!.rows)} rows`,
    })),
  );
}

function coldStartLines({ functions }: ColdStart): Line[] {
  const part = PART_TITLES.coldStart;
  return functions.flatMap(({ name, bundleKiB, initMilliseconds }) => [
    { part, what: `${name}, loading`, value: initMilliseconds, unit: 'ms' },
    { part, what: `${name}, bundle`, value: bundleKiB, unit: 'KiB' },
  ]);
}

const GROWTH_NUMBERS = [
  { key: 'sqsRequestsPerMillionRows', what: 'SQS requests of 64 KB', unit: 'requests' },
  { key: 'dataApiRequestsPerMillionRows', what: 'Data API requests of 32 KB', unit: 'requests' },
  { key: 'lambdaGbSecondsPerMillionRows', what: 'Lambda', unit: 'GB-seconds' },
  { key: 'lambdaProcessorSecondsPerMillionRows', what: 'Lambda, of that at work', unit: 'processor seconds' },
] as const;

function growthLines({ runs }: Growth): Line[] {
  return GROWTH_NUMBERS.flatMap(({ key, what, unit }) => {
    const withNumber = runs.filter(
      (run): run is GrowthRun & Record<typeof key, number> => run[key] !== undefined,
    );
    return withNumber.map((run) => ({
      part: PART_TITLES.growth,
      what: `${what}, file of ${count(run.rows)} rows`,
      value: run[key],
      unit,
      ratio: run[key] / withNumber[0]![key],
      ratioTo: `${count(withNumber[0]!.rows)} rows`,
      ...(run.basis === 'counted' && { basis: 'counted from the parse alone' }),
    }));
  });
}

function count(rows: number): string {
  return rows.toLocaleString('en-US');
}
