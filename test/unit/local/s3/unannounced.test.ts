import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectVersion } from '../../../../local/s3/object-files.ts';
import { ObjectStore } from '../../../../local/s3/object-store.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';

const parent = temporaryDir();
const OBJECT = { bucket: 'uploads', key: 'sales/1.csv', contentType: 'text/csv', metadata: { till: '7' } };

let dir: string;
let store: ObjectStore;
beforeEach(() => {
  dir = mkdtempSync(join(parent, 's3-'));
  store = new ObjectStore(dir);
});
afterEach(() => store.close());

function reopen(): void {
  store.close();
  store = new ObjectStore(dir);
}

async function put(key: string, body = 'x', kind: 'Put' | 'Copy' = 'Put'): Promise<ObjectVersion> {
  return store.put({ ...OBJECT, key }, await store.files.receive(Readable.from([Buffer.from(body)])), kind);
}

async function putInParts(key: string): Promise<ObjectVersion> {
  const uploadId = store.createUpload({ ...OBJECT, key });
  store.putPart(uploadId, 1, await store.files.receive(Readable.from([Buffer.from('x')])));
  return store.completeUpload(uploadId, store.parts(uploadId));
}

describe('a version whose event was not sent when the store was closed', () => {
  it('is returned after the store is reopened, unchanged and with its creating action', async () => {
    const version = await put('sales/1.csv', 'a,b');
    reopen();
    expect(store.unannounced()).toEqual([{ version, kind: 'Put' }]);
    expect(version).toMatchObject({ ...OBJECT, size: 3, isDeleteMarker: false });
  });

  it('is not returned once its event is recorded, nor after the next opening', async () => {
    const [first, second] = [await put('sales/1.csv'), await put('sales/1.csv')];
    store.noteAnnounced(first);
    expect(store.unannounced().map(({ version }) => version)).toEqual([second]);
    reopen();
    expect(store.unannounced().map(({ version }) => version)).toEqual([second]);
    store.noteAnnounced(second);
    reopen();
    expect(store.unannounced()).toEqual([]);
  });

  it('is returned in creation order, whatever action created it', async () => {
    const versions = [await put('z.csv'), await putInParts('b.csv'), await put('a.csv', 'x', 'Copy')];
    reopen();
    expect(store.unannounced().map(({ version: { versionId }, kind }) => [versionId, kind])).toEqual([
      [versions[0]!.versionId, 'Put'],
      [versions[1]!.versionId, 'CompleteMultipartUpload'],
      [versions[2]!.versionId, 'Copy'],
    ]);
  });

  it('is not returned if it was permanently deleted', async () => {
    const [removed, kept] = [await put('sales/1.csv'), await put('sales/2.csv')];
    await store.deleteVersion(removed);
    reopen();
    expect(store.unannounced().map(({ version }) => version)).toEqual([kept]);
  });

  it('is returned under a delete marker, which has no event itself', async () => {
    const version = await put('sales/1.csv');
    store.putDeleteMarker('uploads', 'sales/1.csv');
    reopen();
    expect(store.unannounced().map(({ version }) => version)).toEqual([version]);
  });
});
