import { expect, test } from 'vitest';
import { DataDirectory } from '../../../local/data-directory.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { runInProcess } from './run-in-process.ts';

function runningIn(outputs: Record<string, string>): string {
  const dir = temporaryDir();
  const addresses = { endpoint: 'http://127.0.0.1:4566', databaseUrl: '', accessKeys: {}, outputs };
  new DataDirectory(dir).publish({ pid: 1, ...addresses, signInSecret: 's' });
  return dir;
}

test('console prints another link each time, to the page of the API', async () => {
  const dir = runningIn({ HttpApiUrl: 'http://127.0.0.1:4566/_api/a1' });
  const runs = [1, 2].map(() => runInProcess(['console', '--data-dir', dir]));
  const [first, second] = await Promise.all(runs);
  expect(first!.stdout).toMatch(
    /^http:\/\/127\.0\.0\.1:4566\/_sign-in\?code=\d+\.[\w-]{22}\.[\w-]{43}&to=%2F_api%2Fa1%2Fconsole$/,
  );
  expect(second!.stdout).not.toBe(first!.stdout);
});

test.each([
  ['for a pipeline without the API', () => runningIn({}), 'see the setting retail:api'],
  ['without a running cloud', () => temporaryDir(), 'start it with'],
])('console %s says what to do', async (_, createDir, advice) => {
  const { code, stdout, stderr } = await runInProcess(['console', '--data-dir', createDir()]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(advice);
});
