import { defineConfig } from 'vitest/config';

/** Unit tests of the folders that `npm run mutation` mutates. */
export default defineConfig({
  test: {
    include: ['test/unit/{corpus,lambdas/core,lambdas/shared,local/iam}/**/*.test.ts'],
    isolate: false,
    testTimeout: 60_000,
    reporters: ['dot'],
  },
});
