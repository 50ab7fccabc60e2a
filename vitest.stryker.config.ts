import { defineConfig } from 'vitest/config';

/** Unit tests of the folders that `npm run mutation` mutates. */
export default defineConfig({
  test: {
    include: ['test/unit/{lambdas/core,lambdas/shared,local/iam}/**/*.test.ts'],
    setupFiles: 'test/support/repeatable-properties.ts',
    isolate: false,
    testTimeout: 60_000,
    reporters: ['dot'],
  },
});
