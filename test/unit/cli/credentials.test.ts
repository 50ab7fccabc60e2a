import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { DataDirectory } from '../../../local/data-directory.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { runInProcess } from './run-in-process.ts';

function runningIn(
  accessKeys: Record<string, string>,
  outputs: Record<string, string> = {},
  pid = 1,
): string {
  const dir = temporaryDir();
  const addresses = { endpoint: 'http://127.0.0.1:4566', databaseUrl: '', outputs, signInSecret: 's' };
  new DataDirectory(dir).publish({ pid, ...addresses, accessKeys });
  return dir;
}

const KEYS = { operator: 'first-secret', 'policy-Uploader': 'second-secret' };

test.each([
  [[], 'operator', 'first-secret'],
  [['--policy', 'Uploader'], 'policy-Uploader', 'second-secret'],
])('credentials %j prints lines for a shell', async (options, id, secret) => {
  const { code, stdout } = await runInProcess(['credentials', '--data-dir', runningIn(KEYS), ...options]);
  expect({ code, lines: stdout.split('\n') }).toEqual({
    code: 0,
    lines: [
      'export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1',
      `export AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret}`,
    ],
  });
});

test('credentials prints the address of the HTTP API, and a key that curl --user can divide', async () => {
  const HttpApiUrl = 'http://127.0.0.1:4566/_api/a1';
  const { stdout } = await runInProcess(['credentials', '--data-dir', runningIn(KEYS, { HttpApiUrl })]);
  expect(stdout.split('\n')).toContain(`export RETAIL_HTTP_API=${HttpApiUrl}`);
  expect(accessKeyOf('Uploader')).not.toContain(':');
});

test('credentials of an unknown policy names the policies', async () => {
  const { code, stdout, stderr } = await runInProcess([
    'credentials',
    '--data-dir',
    runningIn(KEYS),
    '--policy',
    'x',
  ]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('there is no managed policy x: choose one of Uploader');
});

test.each([
  ['without a running cloud', () => temporaryDir()],
  ['after a cloud was killed', () => runningIn(KEYS, {}, spawnSync('true').pid)],
])('credentials %s says how to start one', async (_, createDir) => {
  const { code, stdout, stderr } = await runInProcess(['credentials', '--data-dir', createDir()]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/no local cloud is running in .*: start it with "(npx )?retail up --data-dir \S+"/);
});
