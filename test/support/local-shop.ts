import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { runRetail, startUp } from './run-retail.ts';
import { temporaryDir } from './temporary-dir.ts';

export const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';

/** A folder with files, and the local cloud that "retail up" runs for the tests of one file. To be called outside of tests. */
export function openLocalShop() {
  const dir = temporaryDir();
  const dataDir = join(dir, 'data');
  let up: Awaited<ReturnType<typeof startUp>>;
  beforeAll(async () => {
    up = await startUp(dataDir);
  });
  afterAll(async () => {
    up.child.kill('SIGINT');
    const { code, stderr } = await up.outcome;
    expect({ code, lastLine: stderr.trim().split('\n').at(-1) }).toEqual({ code: 0, lastLine: 'Stopped.' });
  });
  return {
    dir,
    dataDir,
    /** Process id of "retail up". */
    pidOfUp: () => up.child.pid,
    retail: (...args: string[]) => runRetail(...args, '--data-dir', dataDir),
    /** Writes a file of rows below the header. @returns its path */
    file: async (name: string, ...rows: string[]) => {
      const path = join(dir, name);
      await writeFile(path, `${[HEADER, ...rows].join('\n')}\n`);
      return path;
    },
  };
}
