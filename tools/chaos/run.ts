#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { CloudChild } from './cloud-child.ts';
import { play } from './play.ts';
import { shortenAssembly } from './short-assembly.ts';

const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url));
const whole = (text: string) => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
};
const command = new Command('chaos')
  .description('run files through the pipeline while things go wrong, and account for every row')
  .option('--seeds <n>', 'how many runs', whole, 20)
  .option('--from <seed>', 'the first seed; each run has the next one', whole, 1)
  .option('--keep', 'keep the data directories of the runs, for a look at what failed', false)
  .parse();
const { seeds, from, keep } = command.opts<{ seeds: number; from: number; keep: boolean }>();

const started = performance.now();
const dir = await mkdtemp(join(tmpdir(), 'retail-chaos-'));
const assemblyDir = join(dir, 'assembly');
await synthesize(PROJECT_DIR, assemblyDir);
await shortenAssembly(assemblyDir);
let next = from;
const failed: number[] = [];
const injected = new Map<string, number>();
const workers = Math.min(seeds, Math.max(1, availableParallelism()));
await Promise.all(Array.from({ length: workers }, (_, worker) => runSeeds(join(dir, String(worker)))));
const seconds = Math.round((performance.now() - started) / 1_000);
console.log(`${seeds - failed.length} seeds passed, ${failed.length} failed, in ${seconds} s`);
const tally = [...injected].sort().map(([fault, count]) => `${count} × ${fault}`);
console.log(`faults: ${tally.join(', ')}`);
if (keep) console.log(`what they left is in ${dir}`);
else await rm(dir, { recursive: true, force: true });
process.exit(failed.length === 0 ? 0 : 1);

/** One local cloud after another's seeds: each seed has a store of its own. */
async function runSeeds(dataDir: string): Promise<void> {
  const cloud = new CloudChild(dataDir, assemblyDir);
  await cloud.start();
  while (next < from + seeds) {
    const seed = next++;
    const begun = performance.now();
    const wrongs = await play(cloud, seed).catch((error: Error) => [error.stack ?? error.message]);
    const took = ((performance.now() - begun) / 1_000).toFixed(1);
    console.log(`seed ${seed}: ${wrongs.length === 0 ? 'every row accounted for' : 'FAILED'} (${took} s)`);
    if (wrongs.length > 0) {
      failed.push(seed);
      for (const wrong of wrongs.slice(0, 20)) console.log(`  ${wrong}`);
      console.log(`  again: npm run chaos -- --seeds 1 --from ${seed}`);
    }
  }
  await cloud.stop();
  for (const [fault, count] of cloud.faults) injected.set(fault, (injected.get(fault) ?? 0) + count);
}
