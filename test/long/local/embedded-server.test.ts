import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../../local/postgres/embedded-server.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const parent = temporaryDir();

async function isAnswering(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

test.each(['SIGQUIT', 'SIGKILL'] as const)(
  'a server that ended unexpectedly is reported and started again, and stops when it should (%s)',
  async (signal) => {
    const dir = join(parent, signal);
    await mkdir(dir);
    const problems: string[] = [];
    const onProblem = ({ message }: Error) => void problems.push(message);
    const server = await startEmbeddedPostgres(dir, join(dir, 'log'), onProblem);
    const readPid = async () =>
      Number((await readFile(join(dir, 'data/postmaster.pid'), 'utf8')).split('\n')[0]);
    const first = await readPid();
    process.kill(first, signal);
    await expect.poll(() => problems.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(problems[0]).toMatch(/^PostgreSQL stopped.* and starts again: see /);
    await expect.poll(() => isAnswering(server.adminUrl), { timeout: 30_000 }).toBe(true);
    expect(await readPid()).not.toBe(first);
    await server.stop();
    expect(await isAnswering(server.adminUrl)).toBe(false);
  },
  60_000,
);

test('a server that does not start is reported with its last error', async () => {
  const dir = join(parent, 'broken');
  await mkdir(dir);
  await (await startEmbeddedPostgres(dir, join(dir, 'log'))).stop();
  await chmod(join(dir, 'data'), 0o755);
  await expect(startEmbeddedPostgres(dir, join(dir, 'log'))).rejects.toThrow(
    /^PostgreSQL did not start \(FATAL: {2}data directory ".*" has invalid permissions\): see /,
  );
}, 60_000);
