import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Modules are compiled once for all workers, and for the programs that tests start.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
  new URL('node_modules/.cache/node-compile', import.meta.url),
);

/** Files share a worker's modules: importing the SDK and the CDK takes longer than most tests. */
const sharedModules = { isolate: false };

/** A busy machine is not a reason to fail. */
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  test: {
    // Each local cloud has its own PostgreSQL and waits for a third of its time: three fill two processors.
    maxWorkers: 3,
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: 'coverage/test-report.json' }]],
    projects: [
      {
        extends: true,
        // No process and no database.
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          ...sharedModules,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'sql',
          include: ['test/sql/**/*.test.ts'],
          ...sharedModules,
          globalSetup: 'test/sql/global-setup.ts',
          ...patience,
        },
      },
      {
        extends: true,
        test: {
          name: 'cloud',
          include: ['test/cloud/**/*.test.ts'],
          ...sharedModules,
          globalSetup: 'test/cloud/global-setup.ts',
          ...patience,
        },
      },
      {
        extends: true,
        // Half a minute and more for each file: kept apart from `npm test`.
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          globalSetup: 'test/cloud/global-setup.ts',
          ...patience,
        },
      },
      {
        extends: true,
        // The console in Chromium, and its main way in Firefox and WebKitGTK. Skipped where there is none of them.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: 'test/browser/global-setup.ts',
          ...patience,
        },
      },
    ],
  },
});
