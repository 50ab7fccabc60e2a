import { join } from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test, vi } from 'vitest';
import { DiskFullError, explainFullDisk, isDiskFull } from '../../../local/disk-space.ts';
import { JsonService } from '../../../local/gateway/service.ts';
import { SqliteFile } from '../../../local/sqlite-file.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { configOf, startGateway } from './running-gateway.ts';

const dir = temporaryDir();
const noSpace = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

class FullService extends JsonService {
  async handle(): Promise<void> {
    throw noSpace();
  }
}
const gateway = await startGateway(() => ({ s3: new FullService('text/plain') }));

test.each([
  ['Node.js', noSpace()],
  ['PostgreSQL', Object.assign(new Error('could not extend file'), { code: '53100' })],
  ['a cause', new Error('it failed', { cause: noSpace() })],
])('a full disk is recognized in an error of %s', (_, error) => {
  expect(isDiskFull(error)).toBe(true);
});

test('other errors stay as they are, and a full disk is reported once, with its directory and free space', () => {
  const report = vi.fn<(problem: Error) => void>();
  const explained = explainFullDisk(dir, report);
  const other = new Error('something else');
  for (const problem of [noSpace(), other, noSpace()]) explained(problem);
  const problems = report.mock.calls.map(([problem]) => problem);
  expect(problems).toEqual([expect.any(DiskFullError), other]);
  expect(problems[0]!.message).toMatch(
    /^no space left on device: the data directory \/.+ has \d+ MiB free and needs at least 100\. Free some space/,
  );
});

test('a request that the disk has no room for is answered with 503, which clients retry', async () => {
  const client = new S3Client(configOf(gateway));
  await expect(client.send(new ListBucketsCommand({}))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 503 },
  });
  client.destroy();
  expect(gateway.faults).toMatchObject([{ code: 'ENOSPC' }]);
});

test('a transaction that fills the disk changes nothing, and the next one works when there is room', () => {
  const file = new SqliteFile(join(dir, 'full.sqlite'), 'CREATE TABLE texts (text TEXT)', 'NORMAL');
  const insert = () => file.transaction(() => file.run`INSERT INTO texts VALUES (${'x'.repeat(100_000)})`);
  file.get('PRAGMA max_page_count = 10');
  let error: unknown;
  try {
    insert();
  } catch (thrown) {
    error = thrown;
  }
  expect(isDiskFull(error), String(error)).toBe(true);
  file.get('PRAGMA max_page_count = 1000');
  insert();
  expect(file.get`SELECT count(*) AS texts FROM texts`).toEqual({ texts: 1 });
  file.close();
});
