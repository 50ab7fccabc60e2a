/** Mutation tests of the code without I/O. `CONTRIBUTING.md` says how to run those of one folder, and has the scores. */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.stryker.config.ts' },
  mutate: [
    'lambdas/core/**/*.ts',
    'lambdas/shared/{environment,errors,retry,upload-id,upload-message}.ts',
    'local/iam/**/*.ts',
  ],
  // A mutant of module-level code needs every test: too slow for what it shows.
  ignoreStatic: true,
  concurrency: 2,
  // A busy machine is not a mutant in an endless loop.
  timeoutMS: 30_000,
  incremental: true,
  incrementalFile: 'coverage/mutation/incremental.json',
  tempDirName: 'coverage/mutation/sandbox',
  reporters: ['clear-text', 'html', 'progress-append-only'],
  clearTextReporter: { logTests: false, allowColor: false },
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  thresholds: { high: 95, low: 90, break: 90 },
};
