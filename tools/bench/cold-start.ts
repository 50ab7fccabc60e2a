import { execFile } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { readCloudModel } from '../../local/assembly/read-cloud-model.ts';
import { entryPointOf } from '../../local/functions/function-environment.ts';
import type { BenchContext } from './context.ts';
import { buildEnvironment } from './function-process.ts';
import { median, round } from './numbers.ts';

/** A port on which no server listens. A function makes no call while it starts. */
const ENDPOINT = 'http://127.0.0.1:9';
/** Imports a module and prints the milliseconds that this takes: elapsed time, and processor time. */
const IMPORT_PROGRAM = `
  const before = process.cpuUsage();
  const started = performance.now();
  await import(process.argv[1]);
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify([elapsed, (user + system) / 1000]));
  process.exit(0);`;

/** Measures the size of each function's bundle, and the time of a new process to load it. */
export async function measureColdStart(context: BenchContext, runs: number) {
  const { leftOutStacks } = LOCAL_PROJECT;
  const { functions } = await readCloudModel(context.assemblyDir, ENDPOINT, leftOutStacks);
  const access = { endpoint: ENDPOINT, secretAccessKey: 'bench', sessionToken: 'bench' };
  const emptyModule = join(context.dir, 'empty.mjs');
  await writeFile(emptyModule, 'export const handler = async () => undefined;\n');
  const empty = await timeImport(emptyModule, buildEnvironment(functions[0]!, access), runs);
  const starts = [];
  for (const model of functions) {
    const { modulePath } = entryPointOf(model);
    const { elapsed, processor } = await timeImport(modulePath, buildEnvironment(model, access), runs);
    starts.push({
      name: model.environment.POWERTOOLS_SERVICE_NAME!,
      bundleKiB: round((await stat(modulePath)).size / 1_024, 10),
      /** Median time of a new process to load the bundle, less the time for an empty module. */
      initMilliseconds: round(elapsed - empty.elapsed, 10),
      initProcessorMilliseconds: round(processor - empty.processor, 10),
    });
  }
  return {
    ...context.measured,
    runs,
    emptyModuleMilliseconds: round(empty.elapsed, 10),
    functions: starts.sort((one, two) => one.name.localeCompare(two.name)),
  };
}

/** Measures the median time of a new process to load a module, in milliseconds: elapsed, and of the processor. */
async function timeImport(modulePath: string, env: NodeJS.ProcessEnv, runs: number) {
  const times: [number, number][] = [];
  for (let run = 0; run < runs; run++) {
    const args = ['--input-type=module', '--eval', IMPORT_PROGRAM, modulePath];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    // The function may log at its start, before the times.
    times.push(JSON.parse(stdout.slice(stdout.lastIndexOf('['))) as [number, number]);
  }
  return {
    elapsed: median(times.map(([elapsed]) => elapsed)),
    processor: median(times.map(([, processor]) => processor)),
  };
}
