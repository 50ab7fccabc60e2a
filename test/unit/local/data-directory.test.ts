import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DataDirectory, DataDirectoryInUseError } from '../../../local/data-directory.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const parent = temporaryDir();
const emptyDir = () => mkdtemp(join(parent, 'data-'));

test('a data directory that cannot be written is named with what to do', async () => {
  const dir = await emptyDir();
  mkdirSync(join(dir, 'lock'));
  expect(() => new DataDirectory(dir).lock()).toThrow(
    `the data directory ${dir} cannot be written: unable to open database file. ` +
      'Give this user write access to it, or choose another with --data-dir',
  );
});

test('a file in place of the data directory is named', async () => {
  const file = join(await emptyDir(), 'file');
  writeFileSync(file, '');
  expect(() => new DataDirectory(file).lock()).toThrow(
    `the data directory ${file} cannot be written: EEXIST`,
  );
});

test('a lock that cannot be read is not taken for another process', async () => {
  const dir = await emptyDir();
  writeFileSync(join(dir, 'lock'), 'not a database, and long enough to be read as one'.repeat(100));
  expect(() => new DataDirectory(dir).lock()).toThrow('cannot be written: file is not a database');
});

test('a directory that another one has locked is in use', async () => {
  const dir = await emptyDir();
  const first = new DataDirectory(dir);
  first.lock();
  expect(() => new DataDirectory(dir).lock()).toThrow(DataDirectoryInUseError);
  first.release();
});
