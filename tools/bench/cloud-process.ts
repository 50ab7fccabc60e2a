import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DataDirectory, type RunningCloud } from '../../local/data-directory.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/retail.ts', import.meta.url));
const START_TIMEOUT_MILLISECONDS = 120_000;

/** A local cloud in a process of its own, so that what it uses is its own. */
export interface CloudProcess {
  readonly running: RunningCloud;
  /** The database of the transactions, as the server's superuser. */
  readonly adminUrl: string;
  /** The largest resident set of the process so far. */
  peakMemoryMiB(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export async function startCloudProcess(dataDir: string): Promise<CloudProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'up', '--data-dir', dataDir, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const directory = new DataDirectory(dataDir);
  const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
  let running = directory.readRunning();
  while (running === undefined) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('the local cloud did not start');
    await sleep(100);
    running = directory.readRunning();
  }
  const password = (await readFile(join(dataDir, 'postgres/superuser-password'), 'utf8')).trim();
  const adminUrl = new URL(running.databaseUrl);
  adminUrl.username = 'postgres';
  adminUrl.password = password;
  return {
    running,
    adminUrl: adminUrl.href,
    peakMemoryMiB: () => peakMemoryOf(child.pid!),
    stop: async () => {
      child.kill('SIGINT');
      await exit;
    },
  };
}

/** Linux says it of every process (proc(5), VmHWM); elsewhere it is not known. */
async function peakMemoryOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / 1_024);
}
