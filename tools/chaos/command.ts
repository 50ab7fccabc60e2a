import { mkdtemp, mkdtempDisposable } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parseWhole } from '../../cli/command.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { onStopSignal } from '../../cli/local-access.ts';
import { note, print } from '../../cli/output/console.ts';
import { shortenAssembly, synthesizeAssembly } from '../assembly.ts';
import { CloudProcess } from '../cloud-process.ts';
import { playScenario } from './scenario.ts';

const MAX_SEED = 2 ** 32 - 1;
const MAX_CALLS = 100_000;
const MAX_REPORTED_PROBLEMS = 20;

interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly calls?: number;
}

export function addChaos(program: Command): void {
  program
    .command('chaos')
    .description('load files and send calls while faults are injected, and account for every row')
    .option('--seeds <n>', 'number of runs', parseWhole(1, MAX_SEED), 20)
    .option('--from <seed>', 'seed of the first run; each run has the next one', parseWhole(0, MAX_SEED), 1)
    .option('--calls <n>', 'calls of the API in each run (default: 0 to 30)', parseWhole(0, MAX_CALLS))
    .action(runChaos);
}

async function runChaos({ seeds, from, calls }: Options): Promise<void> {
  const started = performance.now();
  await using dir = await mkdtempDisposable(join(tmpdir(), 'retail-chaos-'));
  const assemblyDir = join(dir.path, 'assembly');
  await synthesizeAssembly(assemblyDir);
  await shortenAssembly(assemblyDir);
  const failed: number[] = [];
  const faults = new Map<string, number>();
  let next = from;
  let accepted = 0;
  let interruption: Promise<never> | undefined;
  using _ = onStopSignal(() => {
    next = from + seeds;
    interruption ??= stopEverything(dir);
  });
  /** Plays seeds on one local cloud, up to one that fails: the next must not find what that left. Each has its own store. */
  const playSeeds = async () => {
    const dataDir = await mkdtemp(join(dir.path, 'data-'));
    await using cloud = await CloudProcess.start({ dataDir, assemblyDir, isChaos: true });
    for (let hasPassed = true; hasPassed && next < from + seeds; ) {
      const seed = next++;
      const result = await reportSeed(cloud, seed, calls, () => interruption !== undefined);
      hasPassed = result.problems.length === 0;
      if (!hasPassed) failed.push(seed);
      accepted += result.accepted;
    }
    for (const [fault, count] of cloud.faults) faults.set(fault, (faults.get(fault) ?? 0) + count);
  };
  const workers = Math.min(seeds, availableParallelism());
  const work = async () => {
    while (next < from + seeds) await playSeeds();
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    await interruption;
  }
  const seconds = Math.round((performance.now() - started) / 1_000);
  print(`${seeds - failed.length} seeds passed, ${failed.length} failed, in ${seconds} s`);
  print(`${accepted} calls accepted`);
  const counts = [...faults].sort().map(([fault, count]) => `${count} × ${fault}`);
  print(`faults: ${counts.join(', ')}`);
  if (failed.length > 0) process.exitCode = EXIT.failed;
}

async function stopEverything(dir: { remove(): Promise<void> }): Promise<never> {
  note('Interrupted. The local clouds stop …');
  await CloudProcess.stopAll().finally(() => dir.remove());
  process.exit(130);
}

async function reportSeed(
  cloud: CloudProcess,
  seed: number,
  calls: number | undefined,
  isInterrupted: () => boolean,
) {
  const started = performance.now();
  const { accepted, problems } = await playScenario(cloud, seed, calls).catch((error: Error) => {
    return { accepted: 0, problems: [error.stack ?? error.message] };
  });
  if (isInterrupted()) return { accepted, problems: [] };
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const hasPassed = problems.length === 0;
  print(`seed ${seed}: ${hasPassed ? 'every row accounted for' : 'FAILED'} (${seconds} s)`);
  for (const problem of problems.slice(0, MAX_REPORTED_PROBLEMS)) print(`  ${problem}`.split('\n'));
  const option = calls === undefined ? '' : ` --calls ${calls}`;
  if (!hasPassed) print(`  run it again: npm run chaos -- --seeds 1 --from ${seed}${option}`);
  return { accepted, problems };
}
