import { fileURLToPath } from 'node:url';

/** Some packages of the SDK and papaparse still call require, which ES modules do not have. */
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** How esbuild makes a function of its folder. All that it uses is in it, the SDK too: what was tested is what runs. */
export const BUNDLING = {
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  sourceMap: true,
  sourcesContent: false,
  banner: REQUIRE_BANNER,
};

/**
 * Packages in whose place a module of ours stands. The SDK's chain of credentials looks in profiles, single sign-on and
 * the network; a function finds them in its environment. docs/performance.md says what it is worth.
 */
export const REPLACED_PACKAGES: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': fileURLToPath(
    new URL('../../lambdas/shared/environment-credentials.ts', import.meta.url),
  ),
};
