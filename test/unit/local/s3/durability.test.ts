import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { afterAll, expect, test, vi } from 'vitest';
import { ObjectStore } from '../../../../local/s3/object-store.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';

const store = new ObjectStore(temporaryDir());
afterAll(() => store.close());
const OBJECT = { bucket: 'uploads', key: 'a.csv', contentType: 'text/csv', metadata: {} };
const receive = () => store.files.receive(Readable.from([Buffer.from('x')]));

test.each([
  ['an object', async () => store.put(OBJECT, await receive(), 'Put')],
  [
    'an object of parts',
    async () => {
      const uploadId = store.createUpload(OBJECT);
      await store.putPart(uploadId, 1, await receive());
      return store.completeUpload(uploadId, store.parts(uploadId));
    },
  ],
])(
  'the bytes of %s are on the disk before the index names them, and the index is before the answer',
  async (_, put) => {
    const steps: string[] = [];
    const { fsync } = fs;
    vi.spyOn(fs, 'fsync').mockImplementation((...call) => {
      steps.push('fsync');
      fsync(...call);
    });
    const { exec } = DatabaseSync.prototype;
    vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
      if (sql.includes('BEGIN')) steps.push(sql);
      exec.call(this, sql);
    });
    await put();
    vi.restoreAllMocks();
    expect(steps.at(-2)).toBe('fsync');
    expect(steps.at(-1)).toBe('PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
  },
);

test('an upload that is completed twice at the same time, and then aborted, becomes one version', async () => {
  const uploadId = store.createUpload({ ...OBJECT, key: 'retried.csv' });
  await store.putPart(uploadId, 1, await receive());
  const complete = () => store.completeUpload(uploadId, store.parts(uploadId));
  const [one, other] = await Promise.all([complete(), complete(), store.abortUpload(uploadId)]);
  expect(other).toBe(one);
  const pieces: Buffer[] = await store.read(one, 0, one.size).toArray();
  expect(Buffer.concat(pieces).toString()).toBe('x');
  expect(store.findUpload(uploadId)).toBeUndefined();
});
