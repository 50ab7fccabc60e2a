import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../local/assembly/synthesize.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the synthesized CDK app. */
    assemblyDir: string;
  }
}

/** Synthesizes the CDK app once for all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const assemblyDir = await mkdtemp(join(tmpdir(), 'retail-test-assembly-'));
  await synthesize(fileURLToPath(new URL('..', import.meta.url)), assemblyDir);
  project.provide('assemblyDir', assemblyDir);
  return () => rm(assemblyDir, { recursive: true, force: true });
}
