import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, inject, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { DataDirectory } from '../../../local/data-directory.ts';
import { LocalCloud } from '../../../local/local-cloud.ts';
import { ObjectStore } from '../../../local/s3/object-store.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

test('a data directory of another stage or release is refused and left unchanged', async () => {
  const directory = new DataDirectory(join(temporaryDir(), 'data'));
  const dir = directory.folder('s3');
  const store = new ObjectStore(dir);
  store.putDeleteMarker('retail-data-uploadbucketd2c1da78', 'incoming/store=main/retail_01_01_2024.csv');
  store.close();
  const start = LocalCloud.start({
    project: LOCAL_PROJECT,
    directory,
    assemblyDir: inject('assemblyDir'),
    onProblem: () => undefined,
  });
  await expect(start).rejects.toThrow(
    /data directory of another stage or release: it has files in retail-data-uploadbucketd2c1da78, .* --data-dir/,
  );
  const index = new DatabaseSync(join(dir, 'index.sqlite'));
  expect(index.prepare('SELECT count(*) AS versions FROM versions').get()).toEqual({ versions: 1 });
  index.close();
});

test('a data directory that another release wrote in another format is refused and left unchanged', () => {
  const directory = new DataDirectory(join(temporaryDir(), 'data'));
  directory.folder('postgres');
  expect(() => directory.lock()).toThrow(
    /another release wrote the data directory .*data.*Nothing in it was changed.*--data-dir/,
  );
  expect(readdirSync(directory.path)).toEqual(['lock', 'postgres']);
  const another = new DataDirectory(join(temporaryDir(), 'data'));
  another.lock();
  another.folder('postgres');
  another.release();
  expect(() => another.lock()).not.toThrow();
  another.release();
});
