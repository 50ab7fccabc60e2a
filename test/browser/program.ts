import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time in which a program starts, also on a busy machine. */
export const START_MILLISECONDS = 60_000;
/** Time in which a program ends when it is asked to. */
const STOP_MILLISECONDS = 5_000;

/** A program that runs beside a test. */
export interface Program {
  /** First line that the program writes into its file 3; empty if it ends before that. */
  readonly firstLine: Promise<string>;
  hasEnded(): boolean;
  /** Ends the program, and those that it has started. */
  stop(): Promise<void>;
}

export function startProgram(program: string, args: string[], variables: NodeJS.ProcessEnv = {}): Program {
  const env = { ...process.env, ...variables };
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const;
  const child = spawn(program, args, { detached: true, stdio: [...stdio], env });
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      hasEnded = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // All of them have ended.
    }
  };
  return {
    firstLine: readLine(child.stdio[3] as Readable),
    hasEnded: () => hasEnded,
    stop: async () => {
      kill('SIGTERM');
      await Promise.race([ended, sleep(STOP_MILLISECONDS, undefined, { ref: false })]);
      // One that does not answer, and those that it has left behind.
      kill('SIGKILL');
      await ended;
    },
  };
}

async function readLine(stream: Readable): Promise<string> {
  let text = '';
  for await (const part of stream) {
    text += part;
    if (text.includes('\n')) break;
  }
  return text.trim();
}

/** Tries until it succeeds, as long as the program runs. */
export async function retry<Result>(program: Program, work: () => Promise<Result>): Promise<Result> {
  for (const end = Date.now() + START_MILLISECONDS; ; await sleep(100)) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > end || program.hasEnded()) throw error;
    }
  }
}

/** Finds a free port. It is none of those that a connection of another program may get before it is used. */
export async function findPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('listening', () => server.close(() => resolve(true)));
      server.once('error', () => resolve(false));
    });
    if (isFree) return port;
  }
}
