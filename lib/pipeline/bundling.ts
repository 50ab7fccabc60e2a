import { fileURLToPath } from 'node:url';

/** Defines `require`, which some packages of the SDK and papaparse call and ES modules do not have. */
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

/** Options of esbuild for the bundle of a function. The SDK is part of the bundle: what was tested is what runs. */
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
 * Packages that a module of the project replaces in the bundles. The SDK looks for credentials in profiles, single
 * sign-on and the network; a function has them in its environment. docs/performance.md has the effect on cold starts.
 */
export const REPLACED_PACKAGES: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': fileURLToPath(
    new URL('../../lambdas/shared/environment-credentials.ts', import.meta.url),
  ),
};
