import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeScenario } from '../../../tools/chaos/scenario.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const PROGRAM = fileURLToPath(new URL('../../../tools/main.ts', import.meta.url));

function chaos(...args: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, 'chaos', ...args], (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout });
    });
  });
}

/** The first seed in whose run the whole local cloud is killed so often. */
function seedWithKills(least: number): number {
  for (let seed = 1; ; seed++) {
    if (makeScenario(seed).actions.filter(({ kind }) => kind === 'kill').length >= least) return seed;
  }
}

test('repeated kill -9 of the whole local cloud at random moments neither loses nor duplicates a row', async () => {
  const seed = seedWithKills(4);
  const { code, stdout } = await chaos('--seeds', '1', '--from', String(seed));
  expect(stdout).toContain(`seed ${seed}: every row accounted for`);
  expect(Number(/(\d+) × kill -9/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(4);
  expect(stdout).toContain('1 seeds passed, 0 failed');
  expect(code).toBe(0);
}, 120_000);

const dir = temporaryDir();

/** Processes with a file of the folder in their command lines. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });
}

test.runIf(process.platform === 'linux')(
  'chaos that is interrupted while its local clouds start leaves no process and no file',
  async () => {
    const env = { ...process.env, TMPDIR: dir };
    const child = spawn(process.execPath, [PROGRAM, 'chaos', '--seeds', '50'], { env, stdio: 'ignore' });
    const files = () => readdirSync(dir, { recursive: true, encoding: 'utf8' });
    await expect
      .poll(() => files().some((file) => file.endsWith('postgres/data')), { timeout: 120_000 })
      .toBe(true);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(processesOf(dir)).toEqual([]);
    expect(files()).toEqual([]);
  },
  240_000,
);
