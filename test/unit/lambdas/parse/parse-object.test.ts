import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { parseObject } from '../../../../lambdas/parse/parse-object.ts';
import {
  encodeCheckpoint,
  type ParseTask,
  readUploadMessage,
} from '../../../../lambdas/shared/upload-message.ts';
import { GOOD, HEADER, mockParserResources } from '../../../support/parser-resources.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const BAD = `bad,SELL,${'x'.repeat(900)},1,1.00,1.20\n`;

const { s3, resources, sentBatches } = mockParserResources();

function store(content: string | Iterable<string>) {
  const bytes = typeof content === 'string' ? [content] : content;
  s3.on(GetObjectCommand).callsFake(() => ({
    Body: Readable.from(
      (function* () {
        for (const text of bytes) yield Buffer.from(text);
      })(),
    ),
  }));
}
async function parse(isTimeUp = () => false) {
  const last = await parseObject({ upload: uploadOf() }, resources, isTimeUp);
  if (last.isCounting) throw new Error('only the rejected rows were counted');
  return last;
}

describe('an object', () => {
  test('is parsed into batches on the row queue', async () => {
    store(HEADER + GOOD.repeat(500));
    const last = await parse();
    expect(last).toMatchObject({ next: undefined, totals: { rowsRead: 500, rowsRejected: 0 } });
    expect(sentBatches().length).toBeGreaterThan(1);
    expect(sentBatches().at(-1)).toEqual(last.batch);
    expect(s3.commandCalls(PutObjectCommand)).toEqual([]);
  });

  test('of which no time is left is continued after the batches that were sent', async () => {
    store(HEADER + GOOD.repeat(500));
    const { next, batch } = await parse(() => true);
    expect(sentBatches()).toEqual([batch]);
    expect(next).toMatchObject({ batch: 2, rowsRead: batch.rowCount });
    store(HEADER + GOOD.repeat(500));
    const rest = await parseObject({ upload: uploadOf(), checkpoint: next! }, resources, () => false);
    expect(rest).toMatchObject({ totals: { rowsRead: 500 } });
    expect(sentBatches().map((sent) => sent.batch)).toEqual(sentBatches().map((_, index) => index + 1));
  });

  test.each(['NoSuchKey', 'NoSuchVersion'])('that was deleted (%s) is a failed upload', async (name) => {
    s3.on(GetObjectCommand).rejects(Object.assign(new Error('gone'), { name }));
    expect(await parse()).toMatchObject({ totals: { failure: { code: 'object-deleted' } } });
    expect(sentBatches()).toMatchObject([{ rowCount: 0, closing: { failure: { code: 'object-deleted' } } }]);
  });
});

describe('the rejected rows', () => {
  test('are in the bucket before the parse is done', async () => {
    store(HEADER + GOOD + BAD);
    let isStored = false;
    s3.on(PutObjectCommand).callsFake(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isStored = true;
      return {};
    });
    await parse();
    expect(isStored).toBe(true);
    const [{ args } = { args: [] }] = s3.commandCalls(PutObjectCommand);
    expect(args[0]!.input).toMatchObject({
      Bucket: 'uploads',
      Key: expect.stringMatching(/^rejected\/store=paris-12\/retail_15_01_2022\.rejected-[0-9a-f]{8}\.csv$/),
      ContentType: 'text/csv; charset=utf-8',
      Body: Buffer.from(
        `reject_file,reject_line,reject_column,reject_code,reject_message,${HEADER}` +
          `${uploadOf().fileId},3,id,id-not-uuid,"The id ""bad"" is not a UUID such as 0284f92e-54f7-4766-880d-2cc5a8993a89.",${BAD}`,
      ),
    });
  });

  test('that cannot be stored fail the parse', async () => {
    store(HEADER + BAD);
    s3.on(PutObjectCommand).rejects(new Error('SlowDown'));
    await expect(parse()).rejects.toThrow('SlowDown');
  });

  test('of a parse that fails leave no incomplete multipart upload', async () => {
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'multipart' });
    s3.on(UploadPartCommand).resolves({ ETag: 'part' });
    s3.on(AbortMultipartUploadCommand).resolves({});
    // More than one part of 5 MiB, and then a connection that breaks each time.
    store({
      *[Symbol.iterator]() {
        yield HEADER;
        for (let piece = 0; piece < 80; piece++) yield BAD.repeat(100);
        throw new Error('socket hang up');
      },
    });
    await expect(parse()).rejects.toThrow('socket hang up');
    expect(s3.commandCalls(CreateMultipartUploadCommand)).toHaveLength(1);
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toEqual([]);
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  });
});

describe('a plain file', () => {
  const send = (bytes: number, task: Partial<ParseTask> = {}) => {
    s3.on(GetObjectCommand).callsFake(() => {
      return { Body: Readable.from([Buffer.from(HEADER + GOOD)]), ContentLength: bytes };
    });
    return parseObject({ upload: uploadOf(), ...task }, resources, () => false);
  };

  test('is refused with a reason if it is larger than the limit, and nothing of it is sent', async () => {
    const failure = {
      code: 'file-too-large',
      message:
        'The file has more than 1 MiB, the setting retail:maxUnpackedMiB. Split the file, or raise the setting.',
    };
    expect(await send(1_048_577)).toMatchObject({ next: undefined, totals: { rowsRead: 0, failure } });
    expect(sentBatches()).toMatchObject([{ rowCount: 0, closing: { batches: 1, failure } }]);
  });

  test('is parsed if it is as large as the limit', async () => {
    expect(await send(1_048_576)).toMatchObject({ totals: { rowsRead: 1 } });
  });
});

describe('the limit of rejected rows', () => {
  const limited = { ...resources, maxRejectedRows: 100 };
  const parseLimited = () => parseObject({ upload: uploadOf() }, limited, () => false);

  /** Stores an object whose length S3 reports, as it does for every object. */
  function storeBytes(bytes: Buffer) {
    s3.on(GetObjectCommand).callsFake(({ Range }: { Range?: string }) => {
      const start = Number(/^bytes=(\d+)-/.exec(Range ?? '')?.[1] ?? 0);
      const chunks = Array.from({ length: Math.ceil((bytes.length - start) / 10_000) }, (_, index) =>
        bytes.subarray(start + index * 10_000, start + (index + 1) * 10_000),
      );
      return { Body: Readable.from(chunks), ContentLength: bytes.length - start };
    });
  }

  test.each([
    ['plain', '\n', Buffer.from],
    ['old Mac', '\r', Buffer.from],
    ['gzip', '\n', gzipSync],
  ])('is exceeded: nothing of a %s file is sent but the reason with the count', async (_, newline, pack) => {
    const text = HEADER + GOOD.repeat(500) + BAD.repeat(101);
    storeBytes(pack(Buffer.from(text.replaceAll('\n', newline))));
    expect(await parseLimited()).toMatchObject({ totals: { rowsRead: 0, rowsRejected: 0 } });
    const [refusal, ...others] = sentBatches();
    expect(others).toEqual([]);
    expect(refusal).toMatchObject({
      rowCount: 0,
      rejects: [],
      closing: { batches: 1, rowsRead: 0, failure: { code: 'too-many-rejected-rows' } },
    });
    // The example is the first rejected row of the last batch.
    expect(refusal!.closing!.failure!.message.replace(/line 59\d/, 'line 590')).toBe(
      'Of the first 601 rows, 101 break a rule. The setting retail:maxRejectedRows allows 100. ' +
        'For example, line 590: The id "bad" is not a UUID such as 0284f92e-54f7-4766-880d-2cc5a8993a89. ' +
        'Correct the file and upload it again, or raise the setting.',
    );
    expect(s3.commandCalls(PutObjectCommand)).toEqual([]);
  });

  test('is exceeded by calls of the API: their receipts have the reason', async () => {
    const calls = [{ receipt: '01234567-89ab-8def-8123-456789abcdef', items: 150 }];
    storeBytes(Buffer.from(`${JSON.stringify({ calls })}\n${'{}\n'.repeat(150)}`));
    const upload = uploadOf('incoming/store=main/api/2024-01-01/a.ndjson');
    await parseObject({ upload }, limited, () => false);
    expect(sentBatches()).toMatchObject([
      { receipts: [{ ...calls[0], firstLine: 2 }], closing: { failure: { code: 'too-many-rejected-rows' } } },
    ]);
  });

  test.each(['\n', '\r\n', '\r'])('is reached: every row is sent (lines end with %j)', async (newline) => {
    const text = (HEADER + GOOD.repeat(500) + BAD.repeat(100)).trimEnd().replaceAll('\n', newline);
    storeBytes(Buffer.from(text));
    expect(await parseLimited()).toMatchObject({ totals: { rowsRead: 600, rowsRejected: 100 } });
    expect(sentBatches().at(-1)).not.toHaveProperty('closing.failure');
  });

  const FEW = HEADER + GOOD.repeat(100);
  const MANY = HEADER + GOOD.repeat(101);
  test.each([
    ['one request if it is short', HEADER, 1_000, Buffer.from, 1],
    ['one request if it is kept', FEW, FEW.length, Buffer.from, 1],
    ['a second request if it is not kept', FEW, FEW.length - 1, Buffer.from, 2],
    ['a third request if it has too many lines', MANY, 1_000_000, Buffer.from, 3],
    ['two requests as a kept archive', FEW, FEW.length, gzipSync, 2],
  ])('costs a file %s', async (_, text, keptBytes, pack, requests) => {
    storeBytes(pack(Buffer.from(text)));
    await parseObject({ upload: uploadOf() }, { ...limited, keptBytes }, () => false);
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(requests);
    const rowCounts = sentBatches().map(({ rowCount }) => rowCount);
    expect(rowCounts.reduce((sum, count) => sum + count)).toBe(text.split(GOOD).length - 1);
  });

  test.each([
    ['within the limit', 20_000, { next: { batch: 2 } }],
    ['exceeded', 20_001, { totals: { failure: { code: 'too-many-rejected-rows' } } }],
  ])('is counted across invocations before anything is sent: %s', async (_, rejected, result) => {
    storeBytes(Buffer.from(`${HEADER}${GOOD.repeat(5_000)}${'x\n'.repeat(rejected)}`));
    const many = { ...resources, maxRejectedRows: 20_000 };
    const parseOnce = (task: ParseTask) => parseObject(task, many, () => true);
    let last = await parseOnce({ upload: uploadOf() });
    let runs = 1;
    for (; last.isCounting; runs++) {
      expect(sentBatches()).toEqual([]);
      const message = encodeCheckpoint({ upload: uploadOf(), checkpoint: last.next, isCounting: true });
      last = await parseOnce(readUploadMessage(message)[0]!.continued!);
    }
    expect(runs).toBeGreaterThan(10);
    expect(last).toMatchObject(result);
    expect(sentBatches()).toHaveLength(1);
  });
});
