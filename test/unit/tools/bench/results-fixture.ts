import type { Results } from '../../../../tools/bench/tables.ts';

const MEASURED = { date: '2026-01-02', processors: 2 };

/** Results of every part, in round numbers. */
export const RESULTS: Results = {
  schemaVersion: 2,
  throughput: {
    ...MEASURED,
    rows: 1_000,
    ratioToCopy: 0.5,
    measurements: [
      { what: 'COPY (reference)', seconds: 0.01, rowsPerSecond: 100_000, ratioToCopy: 1 },
      { what: 'pipeline', seconds: 0.02, rowsPerSecond: 50_000, ratioToCopy: 0.5 },
    ],
    copyRunsSeconds: [0.01],
    pipelineRunsSeconds: [0.02],
    messages: 1,
    maxMessageBytes: 1_000_000,
    peakMemoryMiB: { cloud: undefined, bench: 100 },
  },
  api: {
    ...MEASURED,
    callers: 8,
    measurements: [
      { what: 'file (reference)', rows: 1_000, seconds: 0.02, rowsPerSecond: 50_000, ratioToFile: 1 },
      { what: 'HTTP API', rows: 1_000, seconds: 0.04, rowsPerSecond: 25_000, ratioToFile: 0.5 },
    ],
  },
  latency: {
    ...MEASURED,
    rows: 54,
    files: 50,
    pipeline: { p50Milliseconds: 20, p95Milliseconds: 30 },
    put: { p50Milliseconds: 4, p95Milliseconds: 5 },
    firstFileMilliseconds: 300,
    copyWithConnection: { p50Milliseconds: 10, p95Milliseconds: 12 },
    copyAlone: { p50Milliseconds: 5, p95Milliseconds: 6 },
    p50RatioToCopy: 2,
    p95RatioToCopy: 2.5,
  },
  memory: {
    ...MEASURED,
    functions: [
      {
        name: 'parse',
        memoryMiB: 1_769,
        runs: [
          { rows: 1_000, peakResidentMiB: 100, heapAfterMiB: 10 },
          { rows: 10_000, peakResidentMiB: 110, heapAfterMiB: 10 },
        ],
        peakRatio: 1.1,
      },
    ],
  },
  coldStart: {
    ...MEASURED,
    runs: 10,
    emptyModuleMilliseconds: 1,
    functions: [
      {
        name: 'load',
        bundleKiB: 271.1,
        initMilliseconds: 48.2,
        initProcessorMilliseconds: 60,
      },
    ],
  },
  console: {
    ...MEASURED,
    rows: 1_000,
    smallFileMilliseconds: 10,
    firstVisitMilliseconds: 200,
    nextVisitMilliseconds: 100,
    firstVisitBytes: 60_000,
    rowsPerSecondInPage: 50_000,
    rowsPerSecondInNode: 100_000,
  },
  consumption: {
    ...MEASURED,
    minSqsRequestsPerMillionRows: 2_000,
    files: [
      {
        rows: 1_000,
        basis: 'measured',
        messagesPerMillionRows: 80,
        sqsRequestsPerMillionRows: 2_600,
        dataApiRequestsPerMillionRows: 2_600,
        lambdaGbSecondsPerMillionRows: 60,
        lambdaProcessorSecondsPerMillionRows: 6,
      },
      {
        rows: 5_000,
        basis: 'counted',
        messagesPerMillionRows: 80,
        sqsRequestsPerMillionRows: 2_600,
        dataApiRequestsPerMillionRows: 2_600,
      },
    ],
  },
};
