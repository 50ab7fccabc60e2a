import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT } from '../../cli/exit-codes.ts';
import { print } from '../../cli/output/console.ts';
import { shortenAssembly, synthesizeAssembly } from '../assembly.ts';
import { findUnused, formatGrants } from './report.ts';

export function addAccess(program: Command): void {
  program
    .command('access')
    .description('use every function and print which permissions are granted and which are used')
    .option('--stage <name>', 'stage of cdk.json', 'dev')
    .action(({ stage }: { readonly stage: string }) => checkAccess(stage));
}

async function checkAccess(stage: string): Promise<void> {
  const { exercise } = await import('./exercise.ts');
  await using dir = await mkdtempDisposable(join(tmpdir(), 'retail-access-'));
  const assemblyDir = join(dir.path, 'assembly');
  await synthesizeAssembly(assemblyDir, stage);
  await shortenAssembly(assemblyDir);
  const grants = await exercise(assemblyDir, join(dir.path, 'data'));
  const unused = findUnused(grants);
  print([...formatGrants(grants).split('\n'), '']);
  if (unused.length === 0) {
    print(`${grants.length} grants of the stage ${stage}: every one is used, and no call was denied.`);
  } else {
    print(`${unused.length} of ${grants.length} grants of the stage ${stage} are not used.`);
    process.exitCode = EXIT.failed;
  }
}
