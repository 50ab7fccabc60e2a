import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOCK_NAME } from '../../../cli/watch/folder.ts';
import { FileLock } from '../../../local/file-lock.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { runInProcess } from './run-in-process.ts';

const watch = (folder: string, ...options: string[]) =>
  runInProcess(['watch', folder, '--data-dir', temporaryDir(), ...options]);

test.each([
  ['without a store', [], /required option '--store <name>'/],
  ['with a stage', ['--store', 'main', '--stage', 'prod'], /Name the bucket of the stage with --bucket/],
  ['with a time that is not a number', ['--store', 'main', '--settle', 'soon'], /whole number from 1/],
])('watch %s is wrong usage', async (_, options, message) => {
  expect(await watch(temporaryDir(), ...options)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(message),
  });
});

test('watch of a folder that does not exist does not create it', async () => {
  const { code, stderr } = await watch(join(temporaryDir(), 'mistyped'), '--store', 'main');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/mistyped cannot be used: ENOENT/)]);
});

test('watch of a folder that another watch uses is refused', async () => {
  const folder = temporaryDir();
  const lock = FileLock.acquire(join(folder, LOCK_NAME))!;
  const { code, stderr } = await watch(folder, '--store', 'main');
  lock.release();
  expect([code, stderr]).toEqual([1, expect.stringMatching(/another "retail watch" uses the folder/)]);
});

test('watch without a running cloud and without a bucket says what to do', async () => {
  const { code, stderr } = await watch(temporaryDir(), '--store', 'main');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/retail up --data-dir \S+", or name a bucket on AWS with --bucket/),
  ]);
});
