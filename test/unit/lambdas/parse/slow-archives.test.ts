import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { parseObject } from '../../../../lambdas/parse/parse-object.ts';
import { makeZip } from '../../../../tools/make-zip.ts';
import { xlsx } from '../../../corpus/make/workbooks.ts';
import { GOOD, HEADER, mockParserResources } from '../../../support/parser-resources.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const { s3, resources, sentBatches } = mockParserResources();
const content = Buffer.from(HEADER + GOOD);
const sheet = { name: 'Sales', text: content.toString().replaceAll(',', '|').trim() };

describe('an archive that is not unpacked in time', () => {
  describe.each([
    ['gzip', 'retail_15_01_2022.csv.gz', gzipSync(content)],
    ['zip', 'retail_15_01_2022.zip', makeZip([{ name: 'a.csv', content }])],
    [
      'zip of several files',
      'retail_15_01_2022.zip',
      makeZip(['a.csv', 'b.csv'].map((name) => ({ name, content }))),
    ],
    ['xlsx', 'retail_15_01_2022.xlsx', xlsx([sheet])],
  ])('%s', (_name, name, bytes) => {
    const upload = uploadOf(`incoming/store=paris-12/${name}`);
    const parse = (isTimeUp: boolean, isLastTry = false) => {
      s3.on(GetObjectCommand).callsFake(({ Range = '' }: GetObjectCommandInput) => {
        const [, start = '0', end = ''] = /^bytes=(\d+)-(\d*)$/.exec(Range) ?? [];
        const body = bytes.subarray(Number(start), end === '' ? undefined : Number(end) + 1);
        return { Body: Readable.from([body]), ContentLength: body.length };
      });
      s3.on(ListObjectsV2Command).resolves({});
      s3.on(PutObjectCommand).resolves({});
      return parseObject({ upload }, resources, () => isTimeUp, isLastTry);
    };

    test('sends nothing, and the next attempt has the same batches as any other', async () => {
      await expect(parse(true)).rejects.toThrow('within the 12 minutes');
      expect(sentBatches()).toEqual([]);
      expect(await parse(false)).toMatchObject({ totals: { batches: 1 } });
      expect(sentBatches()).toMatchObject([{ upload, batch: 1 }]);
      expect(sentBatches()[0]!.closing).not.toHaveProperty('failure');
    });

    test('fails at the last try with the code that a later reading replaces', async () => {
      expect(await parse(true, true)).toMatchObject({ totals: { failure: { code: 'object-unreadable' } } });
      expect(sentBatches()).toMatchObject([{ closing: { failure: { code: 'object-unreadable' } } }]);
    });
  });
});
