#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { shortenAssembly } from '../chaos/short-assembly.ts';
import { exercise } from './exercise.ts';
import { findUnused, formatGrants } from './report.ts';

const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url));
const command = new Command('access')
  .description(
    'make every function do all that it is there for, and print what was granted and what was used',
  )
  .option('--stage <name>', 'a stage of cdk.json', 'dev')
  .parse();
const { stage } = command.opts<{ stage: string }>();

const dir = await mkdtemp(join(tmpdir(), 'retail-access-'));
try {
  const assemblyDir = join(dir, 'assembly');
  await synthesize(PROJECT_DIR, assemblyDir, { stage });
  await shortenAssembly(assemblyDir);
  const grants = await exercise(assemblyDir, join(dir, 'data'));
  const unused = findUnused(grants);
  console.log(formatGrants(grants));
  console.log(
    unused.length === 0
      ? `\n${grants.length} grants of the stage ${stage}: every one is used, and no call was denied.`
      : `\n${unused.length} of ${grants.length} grants of the stage ${stage} are not used.`,
  );
  process.exitCode = unused.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`access: ${(error as Error).message}`);
  process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true, force: true });
}
