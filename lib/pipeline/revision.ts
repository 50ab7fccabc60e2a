import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { PARSER_SETTINGS } from '../../lambdas/parse/environment.ts';
import { type Environment, writeEnvironment } from '../../lambdas/shared/environment.ts';

/** The module that turns an object version into batches. Everything that it imports decides how a file is cut. */
const ENTRY = 'lambdas/parse/parse-object.ts';
const REVISION_LENGTH = 12;

const bundleHashes = new Map<string, string>();

/**
 * Computes the revision of the parser: a hash of the code that turns a file into batches, with its libraries, and of
 * the settings that this code uses. Comments, other functions and the version of the SDK do not change it.
 * @param root the project's folder
 */
export function parserRevision(settings: Environment<typeof PARSER_SETTINGS>, root = '.'): string {
  const facts = [hashBundle(resolve(root)), writeEnvironment(PARSER_SETTINGS, settings)];
  return hash(JSON.stringify(facts)).slice(0, REVISION_LENGTH);
}

/** Bundles the code once for all stages of a synthesis. Minified, it has no comments and no names of local variables. */
function hashBundle(root: string): string {
  const known = bundleHashes.get(root);
  if (known !== undefined) return known;
  const { outputFiles } = buildSync({
    entryPoints: [ENTRY],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    legalComments: 'none',
    platform: 'node',
    format: 'esm',
    external: ['@aws-sdk/*', '@smithy/*', '@aws-lambda-powertools/*'],
    write: false,
  });
  const computed = hash(outputFiles[0]!.text);
  bundleHashes.set(root, computed);
  return computed;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
