import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../local/postgres/embedded-server.ts';
import { createTemplate, type TestServer } from '../support/test-database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The PostgreSQL server of the whole run, with a template database. */
    testServer: TestServer;
  }
}

/** Starts one PostgreSQL server for all SQL tests and applies the files of `sql/` to a template database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'retail-test-sql-'));
  const server = await startEmbeddedPostgres(dir, join(dir, 'postgres.log'));
  project.provide('testServer', await createTemplate(server.adminUrl));
  return async () => {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
}
