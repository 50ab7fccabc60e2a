import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { RulesDocument } from '../../lambdas/core/rules.ts';
import type { Limits } from '../../lambdas/shared/readings.ts';
import { joinRevision } from '../../lambdas/shared/upload-id.ts';

/** The module that turns an object version into batches. Everything that it imports decides how a file is cut. */
const ENTRY = 'lambdas/parse/parse-object.ts';
/** Length of each of the two hashes of a revision. */
const HASH_LENGTH = 8;

const bundleHashes = new Map<string, string>();

/**
 * Computes the revision of the parser: a hash of the code that turns a file into batches, with its libraries, and one of
 * the settings that this code uses. Comments, other functions and the version of the SDK do not change it.
 * @param root the project's folder
 */
export function parserRevision(rules: RulesDocument, limits: Limits, root = '.'): string {
  const code = hashBundle(resolve(root)).slice(0, HASH_LENGTH);
  return joinRevision({ code, settings: hash(JSON.stringify([rules, limits])).slice(0, HASH_LENGTH) });
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
