import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandInput, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { parseObject } from '../../../../lambdas/parse/parse-object.ts';
import { GOOD, HEADER, mockParserResources } from '../../../support/parser-resources.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const { s3, resources, sentBatches } = mockParserResources();

const parse = (isLastTry = false) => parseObject({ upload: uploadOf() }, resources, () => false, isLastTry);

describe('an object whose connection breaks', () => {
  const text = Buffer.from(HEADER + GOOD.repeat(500));
  /** Sends some bytes of each range that is asked for, and then breaks the connection. */
  const breakEach = (bytes: number) =>
    s3.on(GetObjectCommand).callsFake(({ Range = 'bytes=0-' }: GetObjectCommandInput) => {
      const from = Number(/\d+/.exec(Range)![0]);
      const body = (function* () {
        yield text.subarray(from, from + bytes);
        if (from + bytes < text.length) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
      })();
      return { Body: Readable.from(body) };
    });

  test('is read on where it broke', async () => {
    breakEach(10_000);
    expect(await parse()).toMatchObject({ totals: { rowsRead: 500, rowsRejected: 0 } });
    const ranges = s3.commandCalls(GetObjectCommand).map(({ args }) => args[0].input.Range);
    expect(ranges).toEqual([undefined, 'bytes=10000-', 'bytes=20000-']);
  });

  test('more than five times is parsed again by another invocation', async () => {
    breakEach(1_000);
    await expect(parse()).rejects.toThrow('aborted');
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(6);
  });
});

describe('an object that S3 does not return', () => {
  const refusals = ['AccessDenied', 'InvalidObjectState', 'InvalidRequest', 'KMS.DisabledException'];
  const refusal = (name: string) =>
    Object.assign(new Error('No.'), { name, $metadata: { httpStatusCode: 403 } });

  test.each(refusals)('because of %s is tried again, and then a failed upload', async (name) => {
    s3.on(GetObjectCommand).rejects(refusal(name));
    await expect(parse()).rejects.toThrow(`S3 does not return the object (${name}: No).`);
    expect(sentBatches()).toEqual([]);
    expect(await parse(true)).toMatchObject({ totals: { failure: { code: 'object-unreadable' } } });
    expect(sentBatches()).toMatchObject([{ closing: { failure: { code: 'object-unreadable' } } }]);
  });

  test('because S3 is busy is tried again at the last try too', async () => {
    s3.on(GetObjectCommand).rejects(refusal('SlowDown'));
    await expect(parse(true)).rejects.toMatchObject({ name: 'SlowDown' });
  });

  test('does not fail because the rejected rows may not be written', async () => {
    s3.on(GetObjectCommand).callsFake(() => ({ Body: Readable.from([Buffer.from(`${HEADER}bad\n`)]) }));
    s3.on(PutObjectCommand).rejects(refusal('AccessDenied'));
    await expect(parse(true)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

test.each(['nul\u2400t7.csv', 'store=not allowed/a.csv'])(
  'an object with the name %j is refused by its key, and not read',
  async (name) => {
    const upload = { ...uploadOf(), key: `incoming/${name}` };
    const refused = await parseObject({ upload }, resources, () => false);
    expect(refused).toMatchObject({ totals: { failure: { code: 'key-invalid' } } });
    expect(s3.commandCalls(GetObjectCommand)).toEqual([]);
  },
);
