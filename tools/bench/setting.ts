import { cp, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { type CloudProcess, startCloudProcess } from './cloud-process.ts';
import type { Measured } from './results.ts';

const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url));

/** What all parts work with: a folder, and a local cloud where one is wanted. */
export class Setting {
  readonly dir: string;
  readonly note: (text: string) => void;
  #cloud: Promise<CloudProcess> | undefined;

  private constructor(dir: string, note: (text: string) => void) {
    this.dir = dir;
    this.note = note;
  }

  static async open(note: (text: string) => void): Promise<Setting> {
    return new Setting(await mkdtemp(join(tmpdir(), 'retail-bench-')), note);
  }

  /** The cloud of all parts that measure through one, started by the first of them. */
  cloud(): Promise<CloudProcess> {
    this.#cloud ??= this.#startCloud();
    return this.#cloud;
  }

  /** The synthesized app with its bundles. */
  async assemblyDir(): Promise<string> {
    const dir = join(this.dir, 'assembly');
    await synthesize(PROJECT_DIR, dir);
    return dir;
  }

  /** Stops what runs, so that the next part has the machine for itself. */
  async stopCloud(): Promise<void> {
    await (await this.#cloud)?.stop();
    this.#cloud = undefined;
    await rm(join(this.dir, 'cloud'), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.stopCloud();
    await rm(this.dir, { recursive: true, force: true });
  }

  async #startCloud(): Promise<CloudProcess> {
    const dir = join(this.dir, 'cloud');
    await cp(await this.assemblyDir(), join(dir, 'assembly'), { recursive: true });
    return startCloudProcess(dir);
  }

  /** To be a part's own. */
  measured(): Measured {
    return { date: new Date().toISOString().slice(0, 10), processors: availableParallelism() };
  }
}
