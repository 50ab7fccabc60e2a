import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { DataDirectory } from '../../local/data-directory.ts';
import { makeAssembly } from './make-assembly.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/retail.ts', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program in a separate process. @param input a pipe, for a command that reads standard input */
export function startRetail(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  input: 'ignore' | 'pipe' = 'ignore',
): { child: ChildProcess; outcome: Promise<Outcome> } {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: [input, 'pipe', 'pipe'], env });
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (data) => (stdout += data));
  child.stderr!.on('data', (data) => (stderr += data));
  child.on('close', (code) => resolve({ code, stdout, stderr }));
  return { child, outcome: promise };
}

/**
 * Starts "retail up" and waits until its cloud is running. A new data directory has the assembly and the migrated
 * database of an earlier run of these sources: test/cloud/cli/up.test.ts begins with nothing.
 */
export async function startUp(dataDir: string): Promise<ReturnType<typeof startRetail>> {
  if (!existsSync(dataDir)) {
    await cp(inject('dataTemplateDir'), dataDir, { recursive: true });
    await cp(await makeAssembly({}), join(dataDir, 'assembly'), { recursive: true });
  }
  const up = startRetail(['up', '--data-dir', dataDir, '--port', '0']);
  const directory = new DataDirectory(dataDir);
  while (directory.readRunning() === undefined) {
    if (up.child.exitCode !== null) throw new Error((await up.outcome).stderr);
    await sleep(50);
  }
  return up;
}

/** Runs the program and waits for its result. */
export function runRetail(...args: string[]): Promise<Outcome> {
  return startRetail(args).outcome;
}
