import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DataDirectory } from '../../../../local/data-directory.ts';
import { AccessKeys } from '../../../../local/iam/access-keys.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';

const permissions = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a data directory keeps its secrets, and another has others', () => {
  const directory = new DataDirectory(temporaryDir());
  const first = AccessKeys.open(directory).secretOf('operator');
  expect(AccessKeys.open(directory).secretOf('operator')).toBe(first);
  expect(AccessKeys.open(directory).secretOf('policy-Uploader')).not.toBe(first);
  expect(AccessKeys.open(new DataDirectory(temporaryDir())).secretOf('operator')).not.toBe(first);
  expect(permissions(directory.file('access-secret.json'))).toBe('600');
});

test('only the owner may enter a data directory and its folders, new or existing', () => {
  const path = join(temporaryDir(), 'data');
  mkdirSync(join(path, 's3'), { recursive: true, mode: 0o755 });
  const directory = new DataDirectory(path);
  directory.lock();
  expect(['s3', 'sqs'].map((name) => permissions(directory.folder(name)))).toEqual(['700', '700']);
  expect(permissions(path)).toBe('700');
  directory.release();
  rmSync(path, { recursive: true });
});
