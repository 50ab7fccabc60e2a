import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { findArchiveFault, SlowArchiveError, type Unpack } from '../../../../lambdas/core/archive/archive.ts';
import { unpackGzip } from '../../../../lambdas/parse/bytes/gzip.ts';
import { listZip } from '../../../../lambdas/parse/bytes/zip.ts';
import { makeZip } from '../../../../tools/make-zip.ts';

const TEXT = Buffer.from('id;name\n'.repeat(100_000));

/** Bytes in pieces as a network brings them. */
function* pieces(bytes: Buffer) {
  for (let start = 0; start < bytes.length; start += 10_000) yield bytes.subarray(start, start + 10_000);
}

const never = () => false;
const gzipOf = (bytes: Buffer) => () => unpackGzip(async () => Readable.from(pieces(bytes)), bytes.length);
type ReadZip = Parameters<typeof listZip>[0];
const readFrom =
  (bytes: Buffer): ReadZip =>
  async (start, end) =>
    Readable.from(pieces(bytes.subarray(start, end! + 1)));

/** Refuses a range as S3 does (InvalidRange), for an archive whose directory is said to be where nothing is. */
const refuseAfterEnd = (bytes: Buffer): ReadZip => {
  const damaged = Buffer.from(bytes);
  damaged.writeUInt32LE(bytes.length + 1, bytes.length - 6);
  return async (start, end) => {
    if (start! >= damaged.length) throw new Error('InvalidRange');
    return readFrom(damaged)(start, end);
  };
};

/** Unpacks every file of an archive. */
async function* unpackZip(read: ReadZip, length: number) {
  for (const { unpack } of await listZip(read, length)) yield* unpack();
}
const zipOf = (bytes: Buffer) => () => unpackZip(readFrom(bytes), bytes.length);
const named = (...names: string[]) => makeZip(names.map((name) => ({ name, content: TEXT })));

describe('a valid archive', () => {
  test.each<[string, Unpack]>([
    ['gzip', gzipOf(gzipSync(TEXT))],
    [
      'gzip in two members',
      gzipOf(Buffer.concat([gzipSync(TEXT.subarray(0, 9)), gzipSync(TEXT.subarray(9))])),
    ],
    ['zip', zipOf(makeZip([{ name: 'sales.csv', content: TEXT }]))],
    ['zip that is stored', zipOf(makeZip([{ name: 'sales.csv', content: TEXT, isStored: true }]))],
    [
      'zip of a Mac',
      zipOf(
        makeZip([
          { name: 'day/', content: Buffer.of() },
          { name: 'day/sales.csv', content: TEXT },
          { name: '__MACOSX/day/._sales.csv', content: Buffer.from('x') },
        ]),
      ),
    ],
  ])('%s returns its text', async (_name, unpack) => {
    expect(await findArchiveFault(unpack, 1, never)).toBeUndefined();
    expect(TEXT.equals(Buffer.concat(await Array.fromAsync(unpack())))).toBe(true);
  });
});

test('the names of files in an archive have no empty parts', async () => {
  const bytes = named('./b.csv', 'till//1\\a.csv');
  const files = await listZip(readFrom(bytes), bytes.length);
  expect(files.map(({ name }) => name)).toEqual(['b.csv', 'till/1/a.csv']);
});

describe('an archive is refused:', () => {
  const damage = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 0xff;
    return copy;
  };
  const zip = makeZip([{ name: 'a.csv', content: TEXT }]);
  test.each<[string, Unpack, string, RegExp]>([
    [
      'gzip that is truncated',
      gzipOf(gzipSync(TEXT).subarray(0, 1_000)),
      'archive-damaged',
      /unexpected end of file/,
    ],
    [
      'gzip with a NUL before its second member',
      gzipOf(Buffer.concat([gzipSync(TEXT), Buffer.of(0), gzipSync(TEXT)])),
      'archive-damaged',
      /data follows the end/,
    ],
    ['gzip with a wrong byte', gzipOf(damage(gzipSync(TEXT), 500)), 'archive-damaged', /cannot be unpacked/],
    ['zip that is truncated', zipOf(zip.subarray(0, -50)), 'archive-damaged', /cannot be unpacked/],
    [
      'zip with a wrong checksum',
      zipOf(makeZip([{ name: 'a', content: TEXT, crc: 1 }])),
      'archive-damaged',
      /checksum/,
    ],
    [
      'zip with a password',
      zipOf(makeZip([{ name: 'a', content: TEXT, isEncrypted: true }])),
      'archive-damaged',
      /password/,
    ],
    [
      'zip with a file above its folder',
      zipOf(named('../a.csv')),
      'archive-damaged',
      /invalid relative path/,
    ],
    ['zip with a file of a drive', zipOf(named('C:\\a.csv')), 'archive-damaged', /absolute path/],
    ['zip with an absolute path', zipOf(named('/a.csv')), 'archive-damaged', /absolute path/],
    [
      'zip with a NUL in a name',
      zipOf(named('a\0.csv')),
      'archive-unusable',
      /control characters: "a␀\.csv"/,
    ],
    [
      'zip with two files of one name',
      zipOf(named('a.csv', './/a.csv')),
      'archive-unusable',
      /several files named "a\.csv"/,
    ],
    [
      'zip with hundreds of entries',
      zipOf(makeZip(Array.from({ length: 300 }, (_, n) => ({ name: `${n}/`, content: Buffer.of() })))),
      'archive-unusable',
      /more than 200 entries/,
    ],
    [
      'zip with data after the end of a file',
      zipOf(makeZip([{ name: 'a', content: TEXT, trailing: Buffer.from('more') }])),
      'archive-damaged',
      /data follows the end/,
    ],
    [
      'zip whose directory begins after its end',
      () => unpackZip(refuseAfterEnd(zip), zip.length),
      'archive-damaged',
      /unexpected end of file/,
    ],
    ['zip without a file', zipOf(makeZip([])), 'archive-unusable', /contains no file/],
  ])('%s', async (_name, unpack, code, message) => {
    expect(await findArchiveFault(unpack, 1, never)).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test.each<[string, (bytes: Buffer) => Unpack]>([
    ['gzip', (bytes) => gzipOf(gzipSync(bytes))],
    ['zip', (bytes) => zipOf(makeZip([{ name: 'a.csv', content: bytes }]))],
  ])('%s only if it unpacks to more than the limit', async (_name, archiveOf) => {
    expect(await findArchiveFault(archiveOf(Buffer.alloc(1_048_576)), 1, never)).toBeUndefined();
    expect(await findArchiveFault(archiveOf(Buffer.alloc(1_048_577)), 1, never)).toMatchObject({
      code: 'file-too-large',
      message: expect.stringContaining('retail:maxUnpackedMiB'),
    });
  });
});

test('an archive that takes longer than an invocation is not unpacked to its end, and not refused', async () => {
  let chunks = 0;
  const unpack = async function* () {
    for (; ; chunks++) yield Buffer.alloc(10);
  };
  await expect(findArchiveFault(unpack, 1_000, () => chunks === 5)).rejects.toThrow(SlowArchiveError);
});

describe('a network failure is not reported as a damaged archive', () => {
  const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  async function* broken(bytes: Buffer) {
    yield bytes.subarray(0, 20);
    throw reset;
  }

  test.each<[string, Unpack]>([
    ['gzip', () => unpackGzip(async () => Readable.from(broken(gzipSync(TEXT))), TEXT.length)],
    ['zip', () => unpackZip(async (start) => Readable.from(broken(makeZip([]).subarray(start))), 22)],
    [
      'zip, after its list of files',
      (() => {
        const zip = makeZip([{ name: 'a.csv', content: TEXT }]);
        const read = async (start = 0, end = 0) =>
          Readable.from(start < 30 ? broken(zip) : pieces(zip.subarray(start, end + 1)));
        return () => unpackZip(read, zip.length);
      })(),
    ],
  ])('%s', async (_name, unpack) => {
    await expect(findArchiveFault(unpack, 1, never)).rejects.toBe(reset);
  });
});
