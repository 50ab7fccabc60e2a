import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { SlowArchiveError } from '../../../../lambdas/core/archive/archive.ts';
import { parseObject } from '../../../../lambdas/parse/parse-object.ts';
import { TransientError } from '../../../../lambdas/shared/errors.ts';
import { computeFileId } from '../../../../lambdas/shared/upload-id.ts';
import { makeZip, type ZipMember } from '../../../../tools/make-zip.ts';
import { GOOD, HEADER, mockParserResources } from '../../../support/parser-resources.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const { s3, resources, sentBatches } = mockParserResources();
const upload = uploadOf('incoming/store=paris-12/retail_15_01_2022.zip');
const PREFIX = `incoming/store=paris-12/unpacked/retail_15_01_2022.zip-${computeFileId(upload).slice(0, 8)}/`;
const TEXT = HEADER + GOOD;
const member = (name: string, content: string | Buffer = TEXT): ZipMember => ({
  name,
  content: Buffer.from(content),
});

/** Fills the bucket with the archive and keeps what is put. Objects that exist are not replaced. */
function drop(members: readonly ZipMember[]) {
  const archive = makeZip(members);
  const objects = new Map<string, string>();
  s3.on(GetObjectCommand).callsFake(({ Range }: GetObjectCommandInput) => {
    const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(Range ?? 'bytes=0-')!;
    const body = archive.subarray(Number(start), end === '' ? undefined : Number(end) + 1);
    return { Body: Readable.from([body]), ContentLength: body.length };
  });
  s3.on(ListObjectsV2Command).callsFake(({ Prefix }) => ({
    Contents: [...objects.keys()].filter((Key) => Key.startsWith(Prefix)).map((Key) => ({ Key })),
  }));
  s3.on(PutObjectCommand).callsFake(({ Key, Body, IfNoneMatch }: PutObjectCommandInput) => {
    expect(IfNoneMatch).toBe('*');
    if (objects.has(Key!)) throw Object.assign(new Error('exists'), { $metadata: { httpStatusCode: 412 } });
    objects.set(Key!, String(Body));
    return {};
  });
  return objects;
}
const parse = (isTimeUp = () => false, of = upload, isLastTry = false) =>
  parseObject({ upload: of }, resources, isTimeUp, isLastTry);

describe('an archive of several files', () => {
  test('becomes an object for each file, and is complete with their number and no row', async () => {
    const objects = drop([
      member('till-1.csv'),
      member('day/till-2.csv', 'x'),
      member('__MACOSX/._till-1.csv'),
    ]);
    await parse();
    expect([...objects]).toEqual([
      [`${PREFIX}till-1.csv`, TEXT],
      [`${PREFIX}day/till-2.csv`, 'x'],
    ]);
    expect(sentBatches()).toMatchObject([
      { rowCount: 0, closing: { rowsRead: 0, batches: 1, format: { compression: 'zip', files: 2 } } },
    ]);
  });

  test('that is read again creates no object again, and the missing ones after an interruption', async () => {
    const objects = drop([member('a.csv'), member('b.csv')]);
    await parse();
    objects.delete(`${PREFIX}b.csv`);
    const puts = s3.commandCalls(PutObjectCommand).length;
    await parse();
    expect(
      s3
        .commandCalls(PutObjectCommand)
        .slice(puts)
        .map(({ args }) => args[0].input.Key),
    ).toEqual([`${PREFIX}b.csv`]);
    expect(sentBatches().map(({ closing }) => closing?.format)).toEqual([
      { compression: 'zip', files: 2 },
      { compression: 'zip', files: 2 },
    ]);
  });

  test('whose object another invocation creates at the same time is complete', async () => {
    const objects = drop([member('a.csv'), member('b.csv')]);
    s3.on(ListObjectsV2Command).resolves({});
    objects.set(`${PREFIX}a.csv`, TEXT);
    await parse();
    expect(objects.size).toBe(2);
    expect(sentBatches()).toHaveLength(1);
  });

  test('for which no time is left continues in another invocation', async () => {
    const objects = drop([member('a.csv'), member('b.csv'), member('c.csv')]);
    // Three chunks are checked, and one is put.
    let chunks = 0;
    const interrupted = parse(() => ++chunks > 4, upload, true);
    await expect(interrupted).rejects.toThrow(TransientError);
    expect([...objects.keys()]).toEqual([`${PREFIX}a.csv`]);
    expect(sentBatches()).toEqual([]);
    await parse();
    expect(objects.size).toBe(3);
  });

  test('of which an attempt copies no file in its time is refused at the last try', async () => {
    const objects = drop([member('a.csv'), member('b.csv')]);
    objects.set(`${PREFIX}a.csv`, TEXT);
    await expect(parse(() => true)).rejects.toThrow(SlowArchiveError);
    expect(sentBatches()).toEqual([]);
    await parse(() => true, upload, true);
    expect([...objects.keys()]).toEqual([`${PREFIX}a.csv`]);
    expect(sentBatches()).toMatchObject([
      { closing: { failure: { code: 'object-unreadable', message: expect.stringContaining('Split') } } },
    ]);
  });

  test.each<[string, readonly ZipMember[], string]>([
    ['is damaged in its last file', [member('a.csv'), { ...member('b.csv'), crc: 1 }], 'archive-damaged'],
    ['unpacks to too much', [member('a.csv'), member('b.csv', Buffer.alloc(1_048_576))], 'file-too-large'],
    ['has a name that is too long for a key', [member('a.csv'), member('é'.repeat(500))], 'archive-unusable'],
  ])('that %s is refused before any object is created', async (_name, members, code) => {
    const objects = drop(members);
    await parse();
    expect(objects.size).toBe(0);
    expect(sentBatches()).toMatchObject([{ closing: { failure: { code }, format: { compression: 'zip' } } }]);
  });

  test('that was itself in an archive is refused, so that no archive is unpacked without end', async () => {
    const objects = drop([member('a.csv'), member('b.csv')]);
    await parse(() => false, uploadOf(`${PREFIX}nested.zip`));
    expect(objects.size).toBe(0);
    expect(sentBatches()).toMatchObject([{ closing: { failure: { code: 'archive-unusable' } } }]);
  });

  test('gives its date to the files whose names have none', async () => {
    s3.on(GetObjectCommand).callsFake(() => ({ Body: Readable.from([Buffer.from(TEXT)]) }));
    await parse(() => false, uploadOf(`${PREFIX}day/till-2.csv`));
    expect(sentBatches()).toMatchObject([{ date: '2022-01-15', rowCount: 1 }]);
  });
});

test('the only file of an archive becomes an object if it is packed itself', async () => {
  const objects = drop([member('a.csv.gz')]);
  await parse();
  expect([...objects.keys()]).toEqual([`${PREFIX}a.csv.gz`]);
});

test('a large file of an archive is put in parts, and removed if its archive breaks off', async () => {
  drop([member('a.csv', 'x'.repeat(900_000)), member('b.csv', Buffer.alloc(5_300_000, 'x'))]);
  s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
  s3.on(UploadPartCommand).rejects(new Error('broken'));
  const large = { ...resources, maxUnpackedMiB: 10 };
  await expect(parseObject({ upload }, large, () => false)).rejects.toThrow('broken');
  expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  s3.on(UploadPartCommand).resolves({ ETag: 'e' });
  s3.on(CompleteMultipartUploadCommand).resolves({});
  await parseObject({ upload }, large, () => false);
  const [{ args } = { args: [] }] = s3.commandCalls(CompleteMultipartUploadCommand);
  expect(args[0]!.input).toMatchObject({ Key: `${PREFIX}b.csv`, IfNoneMatch: '*' });
});
