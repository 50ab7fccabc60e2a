import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { synthesize } from '../../local/assembly/synthesize.ts';

/**
 * Synthesizes the CDK app with other settings than the tests usually have, once for all files of a run.
 * @param settings context, such as `{ 'retail:unknownColumns': 'refuse' }`
 * @returns the folder of the assembly. Copy it to change it
 */
export async function makeAssembly(settings: Readonly<Record<string, unknown>>): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
  const dir = join(dirname(inject('assemblyDir')), `assembly-${key}`);
  const isFirst = await mkdir(`${dir}.lock`).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await synthesize(LOCAL_PROJECT, `${dir}.new`, settings);
    await rename(`${dir}.new`, dir);
  }
  // Another worker makes it.
  while (!existsSync(dir)) await sleep(100);
  return dir;
}
