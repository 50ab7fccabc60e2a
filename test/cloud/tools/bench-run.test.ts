import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('a part runs by itself, and prints its JSON alone', async () => {
  const args = ['tools/bench/run.ts', '--only', 'queue', '--rows', '2000', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    queue: {
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      processors: expect.any(Number),
      rows: 2_000,
      rowBytesPerMillionRows: expect.any(Number),
      messagesPerMillionRows: 500,
      leastMessagesPerMillionRows: 500,
      requestsPerMillionRows: expect.any(Number),
      leastRequestsPerMillionRows: expect.any(Number),
    },
  });
});
