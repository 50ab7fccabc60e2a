import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunningCloud } from '../../local/data-directory.ts';

export type FromCloud =
  | { readonly kind: 'ready'; readonly running: RunningCloud }
  | { readonly kind: 'fault'; readonly fault: string }
  | { readonly kind: 'at-work'; readonly runningSeconds: Record<string, number[]> }
  | { readonly kind: 'problem'; readonly name: string; readonly message: string };

/** Whose faults are to happen from now on; or what runs right now, as a question. */
export type ToCloud = { readonly kind: 'play'; readonly seed: number } | { readonly kind: 'what-runs' };

const PROGRAM = fileURLToPath(new URL('./cloud-process.ts', import.meta.url));

/** The local cloud in a process of its own, which can be killed and started again on what it left. */
export class CloudChild {
  running!: RunningCloud;
  /** Calls that no policy allows: the one kind of problem that no fault explains. */
  readonly denied: string[] = [];
  /** How often each fault happened; a kill is one. */
  readonly faults = new Map<string, number>();
  #child!: ChildProcess;
  #dataDir: string;
  #assemblyDir: string;

  constructor(dataDir: string, assemblyDir: string) {
    this.#dataDir = dataDir;
    this.#assemblyDir = assemblyDir;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [PROGRAM, this.#dataDir, this.#assemblyDir], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the local cloud ended with ${code}`)));
      child.on('message', (message: FromCloud) => {
        if (message.kind === 'ready') {
          this.running = message.running;
          resolve();
        } else if (message.kind === 'fault') {
          this.#count(message.fault);
        } else if (message.kind === 'problem' && message.name === 'AccessDeniedError') {
          this.denied.push(message.message);
        }
      });
    });
    await ready;
  }

  #count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  /** Stops it as Ctrl-C does. */
  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGINT');
    await exit;
  }

  /** Lets the faults of a seed happen from now on. */
  play(seed: number): void {
    this.#child.send({ kind: 'play', seed } satisfies ToCloud);
  }

  /** For how long, in seconds, each invocation that is under way has run, by function. */
  async whatRuns(): Promise<Record<string, number[]>> {
    const answer = new Promise<Record<string, number[]>>((resolve) => {
      const listen = (message: FromCloud) => {
        if (message.kind !== 'at-work') return;
        this.#child.off('message', listen);
        resolve(message.runningSeconds);
      };
      this.#child.on('message', listen);
    });
    this.#child.send({ kind: 'what-runs' } satisfies ToCloud);
    return answer;
  }

  /** kill -9: the PostgreSQL that it started goes on until the next start stops it. */
  async kill(): Promise<void> {
    this.#count('kill -9');
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
