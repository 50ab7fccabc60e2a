import { mkdtempDisposable, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeAssembly } from '../assembly.ts';
import { CloudProcess } from '../cloud-process.ts';
import type { Measured } from './results.ts';

/** Everything that the parts of the benchmark share: a folder, the assembly, and a local cloud on request. */
export class BenchContext implements AsyncDisposable {
  readonly dir: string;
  readonly note: (text: string) => void;
  #disposables: AsyncDisposableStack;
  #cloud: CloudProcess | undefined;

  private constructor(dir: string, note: (text: string) => void, disposables: AsyncDisposableStack) {
    this.dir = dir;
    this.note = note;
    this.#disposables = disposables;
  }

  static async open(note: (text: string) => void): Promise<BenchContext> {
    const disposables = new AsyncDisposableStack();
    const { path } = disposables.use(await mkdtempDisposable(join(tmpdir(), 'retail-bench-')));
    return new BenchContext(path, note, disposables);
  }

  /** Synthesizes the app with its bundles on the first call. */
  async assemblyDir(): Promise<string> {
    const assemblyDir = join(this.dir, 'assembly');
    await synthesizeAssembly(assemblyDir);
    return assemblyDir;
  }

  /** Starts a local cloud with an empty database, or returns the one that runs. */
  async cloud(): Promise<CloudProcess> {
    const dataDir = join(this.dir, 'cloud');
    this.#cloud ??= await CloudProcess.start({ dataDir, assemblyDir: await this.assemblyDir() });
    return this.#cloud;
  }

  /** Stops the cloud and deletes its data, so that the next part has the whole machine. */
  async stopCloud(): Promise<void> {
    await this.#cloud?.[Symbol.asyncDispose]();
    this.#cloud = undefined;
    await rm(join(this.dir, 'cloud'), { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopCloud();
    await this.#disposables.disposeAsync();
  }

  /** Describes when and on what a part was measured. */
  measured(): Measured {
    return { date: new Date().toISOString().slice(0, 10), processors: availableParallelism() };
  }
}
