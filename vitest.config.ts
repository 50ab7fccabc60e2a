import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/global-setup.ts',
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A busy machine is no reason to fail.
    expect: { poll: { timeout: 30_000 } },
    // Each end-to-end test has a PostgreSQL of its own; two at a time fill the machine.
    maxWorkers: 2,
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: 'coverage/test-report.json' }]],
  },
});
