import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalProject } from '../cloud-options.ts';

/** Context that the CDK CLI adds: with it, a template says where the bundles of its functions are. */
const CLI_CONTEXT = { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true };
const FINGERPRINT_FILE = 'sources.sha256';

/**
 * Synthesizes the CDK app into a folder, unless the folder holds the assembly of the same sources.
 * @param settings context as in `cdk synth -c`, such as `{ stage: 'prod' }`
 * @throws {Error} with the output of the app if it fails
 */
export async function synthesize(
  project: LocalProject,
  outDir: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const changes = { ...project.settings, ...settings };
  const current = await fingerprint(project, changes);
  const previous = await readFile(join(outDir, FINGERPRINT_FILE), 'utf8').catch(() => '');
  if (previous === current) return;
  await rm(outDir, { recursive: true, force: true });
  const { context } = JSON.parse(await readFile(join(project.dir, 'cdk.json'), 'utf8')) as {
    context: object;
  };
  const all = { ...context, ...changes, ...CLI_CONTEXT };
  const env = { ...process.env, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(all) };
  const options = { cwd: project.dir, env, maxBuffer: Number.POSITIVE_INFINITY };
  await promisify(execFile)(process.execPath, [project.app], options).catch((cause) => {
    // Ctrl-C ends the app too: the app has no error.
    if (cause.signal)
      throw new Error(`the synthesis of the CDK app was stopped (${cause.signal})`, { cause });
    const message = 'the CDK app cannot be synthesized (npx cdk synth shows the same error)';
    throw new Error(`${message}:\n${cause.stdout}${cause.stderr}`.trim(), { cause });
  });
  await writeFile(join(outDir, FINGERPRINT_FILE), current);
}

async function fingerprint({ dir, sources }: LocalProject, settings: object): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const source of sources) {
    const path = join(dir, source);
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const files = entries
      ?.filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files?.sort() ?? [path]) {
      hash.update(`${file}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex');
}
