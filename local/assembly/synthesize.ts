import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the assembly is made of. */
const SOURCES = ['bin/app.ts', 'cdk.json', 'lambdas', 'lib', 'package-lock.json', 'sql'];
/** What the CDK's own command line adds: with it, a template says where the bundles of its functions are. */
const CLI_CONTEXT = { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true };
const FINGERPRINT_FILE = 'sources.sha256';

/**
 * Synthesizes the CDK app into a folder, unless the folder holds the assembly of the same sources.
 * @param settings as `-c` gives them, such as `{ stage: 'prod' }`
 * @throws {Error} with what the app printed, where it fails
 */
export async function synthesize(
  projectDir: string,
  outDir: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const fingerprint = await fingerprintOf(projectDir, settings);
  const previous = await readFile(join(outDir, FINGERPRINT_FILE), 'utf8').catch(() => '');
  if (previous === fingerprint) return;
  await rm(outDir, { recursive: true, force: true });
  const { context } = JSON.parse(await readFile(join(projectDir, 'cdk.json'), 'utf8')) as { context: object };
  const all = { ...context, ...settings, ...CLI_CONTEXT };
  await runApp(projectDir, { CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(all) });
  await writeFile(join(outDir, FINGERPRINT_FILE), fingerprint);
}

async function fingerprintOf(projectDir: string, settings: object): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const source of SOURCES) {
    const path = join(projectDir, source);
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const files = entries
      ?.filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files?.sort() ?? [path])
      hash
        .update(file)
        .update('\0')
        .update(await readFile(file));
  }
  return hash.digest('hex');
}

function runApp(projectDir: string, environment: Record<string, string>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const app = spawn(process.execPath, ['bin/app.ts'], {
    cwd: projectDir,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [app.stdout, app.stderr]) stream.on('data', (data) => (output += data));
  app.on('error', reject);
  app.on('close', (code) => {
    if (code === 0) resolve();
    else
      reject(new Error(`the CDK app cannot be synthesized (npx cdk synth says the same):\n${output.trim()}`));
  });
  return promise;
}
