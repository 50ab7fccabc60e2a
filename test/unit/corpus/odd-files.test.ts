import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, expect, test } from 'vitest';
import { parseBatches } from '../../../lambdas/core/parse.ts';
import type { RowBatch } from '../../../lambdas/core/row-batch.ts';
import { openObject } from '../../../lambdas/parse/bytes/open-object.ts';
import { VersionReader } from '../../../lambdas/parse/bytes/version-reader.ts';
import { makeOddFile, type OddFile } from '../../support/odd-file.ts';
import { inCents, readRows } from '../../support/read-rows.ts';
import { uploadOf } from '../../support/upload-fixture.ts';

/** Number of files, and the seed of the first one. */
const FILES = Number(process.env.ODD_FILES ?? 400);
const FIRST_SEED = Number(process.env.ODD_SEED ?? 1);
const PIECE_BYTES = 700;

const s3 = mockClient(S3Client);
const client = new S3Client({ region: 'us-east-1' });
afterAll(() => s3.restore());

async function parse({ key, bytes, rules }: OddFile): Promise<RowBatch[]> {
  s3.reset();
  s3.on(GetObjectCommand).callsFake(({ Range }: GetObjectCommandInput) => {
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(Range ?? '') ?? [];
    const part = bytes.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
    const pieces = Array.from({ length: Math.ceil(part.length / PIECE_BYTES) }, (_, index) =>
      part.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
    );
    return { Body: Readable.from(pieces), ContentLength: part.length };
  });
  const upload = { ...uploadOf(key), storeId: 'main' };
  const version = new VersionReader(client, upload);
  const opened = await openObject(version, { maxUnpackedMiB: 1, rules }, undefined, () => false);
  if (!('chunks' in opened)) throw new Error(JSON.stringify(opened));
  const batches: RowBatch[] = [];
  for await (const { batch } of parseBatches(upload, opened, { rules, maxMessageBytes: 20_000 }))
    batches.push(batch);
  return batches;
}

test(`in ${FILES} files with several oddities each, every valid row loads exactly and no other does`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + FILES; seed++) {
    const file = makeOddFile(seed);
    const batches = await parse(file);
    const context = `ODD_SEED=${seed}: ${JSON.stringify(file.style)}\n${file.text}`;
    expect(batches.at(-1)!.closing?.failure, context).toBeUndefined();
    expect(batches.flatMap(readRows), context).toEqual(file.rows.map(inCents));
    const rejects = batches.flatMap((batch) => batch.rejects);
    expect(
      rejects.map(({ line }) => line),
      context,
    ).toEqual(file.rejectedLines);
  }
}, 600_000);
