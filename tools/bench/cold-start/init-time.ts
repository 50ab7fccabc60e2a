import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../numbers.ts';

const CHILD = fileURLToPath(new URL('./init-child.mjs', import.meta.url));

export interface InitTime {
  readonly elapsedMilliseconds: number;
  readonly processorMilliseconds: number;
}

/** How long a fresh process takes to load a module: the median of some. */
export async function timeInit(
  modulePath: string,
  environment: NodeJS.ProcessEnv,
  runs: number,
): Promise<InitTime> {
  const times: [number, number][] = [];
  for (let run = 0; run < runs; run++) {
    const { stdout } = await promisify(execFile)(process.execPath, [CHILD, modulePath], { env: environment });
    // What the function logs at its start stands before it.
    times.push(JSON.parse(stdout.slice(stdout.lastIndexOf('['))) as [number, number]);
  }
  return {
    elapsedMilliseconds: median(times.map(([elapsed]) => elapsed)),
    processorMilliseconds: median(times.map(([, processor]) => processor)),
  };
}
