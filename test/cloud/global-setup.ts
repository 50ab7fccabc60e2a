import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { CloudProcess } from '../../tools/cloud-process.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder of the synthesized CDK app. */
    assemblyDir: string;
    /** A data directory with a migrated database, for each local cloud to copy. */
    dataTemplateDir: string;
  }
}

/** Synthesizes the CDK app, and starts a local cloud once, whose data directory the tests copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'retail-test-setup-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const assemblyDir = join(dir, 'assembly');
  // The CDK's own validation takes seconds; test/cloud/lib/resource-specification.test.ts has it.
  process.env.CDK_VALIDATION = 'false';
  // One store has policies, and each test has its own stores.
  const stores = { 'retail:stores': 'main', 'retail:unknownStores': 'accept' };
  await synthesize(LOCAL_PROJECT, assemblyDir, stores);
  const dataTemplateDir = join(dir, 'data');
  await makeDataTemplate(dataTemplateDir, assemblyDir);
  project.provide('assemblyDir', assemblyDir);
  project.provide('dataTemplateDir', dataTemplateDir);
  const all = started.move();
  return () => all.disposeAsync();
}

/** Starts and stops a local cloud, which leaves a migrated database. */
async function makeDataTemplate(dataDir: string, assemblyDir: string): Promise<void> {
  const cloud = await CloudProcess.start({ dataDir, assemblyDir });
  await cloud[Symbol.asyncDispose]();
  // Each copy has its own logs and its own port: two clouds that start at once would choose the same.
  await rm(join(dataDir, 'logs'), { recursive: true });
  await rm(join(dataDir, 'postgres/port'));
}
