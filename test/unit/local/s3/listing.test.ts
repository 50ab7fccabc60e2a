import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, startS3 } from './running-s3.ts';

const { operator } = await startS3();
const KEYS = ['a.csv', 'sales/2024/1.csv', 'sales/2024/2.csv', 'sales/2025/1.csv', 'sales/x.csv', 'ä.csv'];

beforeAll(async () => {
  for (const Key of [...KEYS, 'gone.csv']) {
    await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
  }
  await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a.csv', Body: 'a second version' }));
  await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gone.csv' }));
});

async function list(input: Partial<ListObjectsV2CommandInput>) {
  const answer = await operator.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input }));
  return {
    keys: (answer.Contents ?? []).map(({ Key }) => Key),
    folders: (answer.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    answer,
  };
}

describe('a listing', () => {
  it('has each object once, in key order, without deleted ones', async () => {
    const { keys, answer } = await list({});
    expect(keys).toEqual(KEYS);
    expect(answer).toMatchObject({ IsTruncated: false, KeyCount: KEYS.length });
    expect(answer.Contents![0]).toMatchObject({ Size: 'a second version'.length });
  });

  it('is empty if no key has the prefix', async () => {
    expect(await list({ Prefix: 'nothing/' })).toMatchObject({ keys: [], folders: [] });
  });

  it('treats a prefix literally, not as a pattern', async () => {
    expect((await list({ Prefix: 'sales/2024/' })).keys).toEqual(['sales/2024/1.csv', 'sales/2024/2.csv']);
    expect((await list({ Prefix: 'sales_2024' })).keys).toEqual([]);
    expect((await list({ Prefix: '%' })).keys).toEqual([]);
  });

  it('groups keys after the delimiter into common prefixes', async () => {
    expect(await list({ Delimiter: '/' })).toMatchObject({ keys: ['a.csv', 'ä.csv'], folders: ['sales/'] });
    expect(await list({ Delimiter: '/', Prefix: 'sales/' })).toMatchObject({
      keys: ['sales/x.csv'],
      folders: ['sales/2024/', 'sales/2025/'],
    });
  });

  it('begins after the given key', async () => {
    expect((await list({ StartAfter: 'sales/2024/2.csv' })).keys).toEqual(KEYS.slice(3));
  });
});

describe('a listing in pages', () => {
  it.each([undefined, '/'])(
    'returns everything once over all pages, with delimiter %s',
    async (Delimiter) => {
      const whole = await list({ Delimiter });
      const found: unknown[] = [];
      const pages = paginateListObjectsV2(
        { client: operator, pageSize: 1, stopOnSameToken: true },
        { Bucket: BUCKET, Delimiter },
      );
      let count = 0;
      for await (const { Contents = [], CommonPrefixes = [] } of pages) {
        count += 1;
        found.push(...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix));
      }
      expect(found.sort()).toEqual([...whole.keys, ...whole.folders].sort());
      expect(count).toBe(found.length);
    },
  );
});
