import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_RULES, type RulesDocument } from '../../../../lambdas/core/rules.ts';
import { type DeployedParser, readObject } from '../../../../lambdas/parse/read-object.ts';
import { buildReadingKey, type Reading } from '../../../../lambdas/shared/readings.ts';
import { encodeCheckpoint, readUploadMessage } from '../../../../lambdas/shared/upload-message.ts';
import { GOOD, HEADER, mockParserResources } from '../../../support/parser-resources.ts';

const { s3, resources, sentBatches } = mockParserResources();
const object = {
  bucket: 'uploads',
  key: 'incoming/store=oslo/retail_15_01_2022.csv',
  versionId: 'v1',
  receivedAt: '2022-01-15T09:30:00.000Z',
};
const { taxes, returns, isKnownStore, ...rules } = DEFAULT_RULES;
const document: RulesDocument = { rules, taxes, returns: { '*': returns }, profiles: [] };
const limits = { maxUnpackedMiB: 1, maxRejectedRows: 1_000_000, maxMessageBytes: 20_000 };

/** The deployed parser with a tax. The percentage is also the hash of the settings. */
const deploy = (percent: string, change: Partial<DeployedParser> = {}): DeployedParser => ({
  code: 'c0de',
  settings: percent,
  document: { ...document, taxes: [{ name: 'standard', percent }] },
  limits,
  ...change,
});

const bucket = new Map<string, string>();
let content = HEADER + GOOD;
beforeEach(() => {
  bucket.clear();
  content = HEADER + GOOD;
  s3.on(PutObjectCommand).callsFake(({ Key, Body, IfNoneMatch }) => {
    if (bucket.has(Key) && IfNoneMatch === '*') throw failure('PreconditionFailed', 412);
    bucket.set(Key, String(Body));
    return {};
  });
  s3.on(GetObjectCommand).callsFake(({ Key, Range }) => {
    const text = Key === object.key ? content : bucket.get(Key);
    if (text === undefined) throw failure('NoSuchKey', 404);
    const start = Number(/^bytes=(\d+)-/.exec(Range ?? '')?.[1] ?? 0);
    const body = Buffer.from(text).subarray(start);
    const Body = Object.assign(Readable.from([body]), { transformToString: async () => text });
    return { Body, ContentLength: body.length };
  });
});

const failure = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
const read = (deployed: DeployedParser, settings?: string, isTimeUp = () => false) =>
  readObject({ object, ...(settings && { settings }) }, { ...resources, deployed }, isTimeUp);
const records = () => [...bucket.keys()].filter((key) => key.startsWith('readings/'));
const recordOf = (name: string) =>
  JSON.parse(bucket.get(buildReadingKey(object, name)) ?? 'null') as Reading | null;

describe('the first reading', () => {
  test('is by the deployed settings, which are recorded before any row is sent', async () => {
    let sentBefore: number | undefined;
    s3.on(PutObjectCommand).callsFake(async ({ Key, Body }) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      sentBefore = sentBatches().length;
      bucket.set(Key, String(Body));
      return {};
    });
    const { upload } = await read(deploy('20'));
    expect(upload.revision).toBe('c0de-20');
    expect([sentBefore, sentBatches().length]).toEqual([0, 1]);
    expect(sentBatches()).toMatchObject([{ rowCount: 1, rejects: [] }]);
    expect(recordOf('first')).toMatchObject({
      version: 1,
      key: object.key,
      versionId: 'v1',
      settings: '20',
      rules: { taxes: [{ percent: '20' }], isKnownStore: true },
      limits,
      readAt: expect.stringMatching(/^20.*Z$/),
    });
    expect(records()).toEqual([expect.stringMatching(/^readings\/[0-9a-f]{32}\/first\.json$/)]);
  });

  test('that cannot be recorded sends nothing, and is tried again', async () => {
    s3.on(PutObjectCommand).rejects(failure('SlowDown', 503));
    await expect(read(deploy('20'))).rejects.toThrow('SlowDown');
    expect(sentBatches()).toEqual([]);
  });

  test('of a key that is refused leaves no record', async () => {
    const wrong = { ...object, key: 'incoming/store=a b/c.csv' };
    const last = await readObject({ object: wrong }, { ...resources, deployed: deploy('20') }, () => false);
    expect(last).toMatchObject({ totals: { failure: { code: 'key-invalid' } } });
    expect(records()).toEqual([]);
    expect(s3.commandCalls(GetObjectCommand)).toEqual([]);
  });
});

describe('after a change of the settings', () => {
  beforeEach(() => read(deploy('20')));

  test('a repeated event is read by the recorded rules and limits, with the code of now', async () => {
    const now = deploy('19', { code: 'newc0de', limits: { ...limits, maxUnpackedMiB: 0.000001 } });
    const { upload } = await read(now);
    expect(upload.revision).toBe('newc0de-20');
    expect(sentBatches().slice(1)).toMatchObject([{ rowCount: 1, rejects: [] }]);
    expect(records()).toHaveLength(1);
  });

  test('a request for the current settings reads by them, and records that once', async () => {
    for (const _ of [1, 2]) {
      const { upload } = await read(deploy('19'), 'current');
      expect(upload.revision).toBe('c0de-19');
    }
    expect(sentBatches().slice(1)).toMatchObject([
      { rejects: [{ code: 'tax-mismatch' }] },
      { rejects: [{ code: 'tax-mismatch' }] },
    ]);
    expect([recordOf('first')?.settings, recordOf('19')?.settings, records().length]).toEqual([
      '20',
      '19',
      2,
    ]);
  });

  test('a request for the settings of an earlier reading reads by them', async () => {
    await read(deploy('19'), 'current');
    const revisions = [];
    for (const settings of ['20', '19']) {
      revisions.push((await read(deploy('21'), settings)).upload.revision);
    }
    expect(revisions).toEqual(['c0de-20', 'c0de-19']);
    expect(records()).toHaveLength(2);
  });

  test('every later reading keeps the time of the first event, which orders the versions of a row', async () => {
    const listed = { ...object, receivedAt: '2022-01-15T09:30:07.000Z' };
    for (const settings of [undefined, 'current', '19', '20']) {
      const request = { object: listed, ...(settings && { settings }) };
      const { upload } = await readObject(request, { ...resources, deployed: deploy('19') }, () => false);
      expect(upload.receivedAt, settings).toBe(object.receivedAt);
    }
    expect([recordOf('first'), recordOf('19')]).toMatchObject([
      { receivedAt: object.receivedAt },
      { receivedAt: object.receivedAt },
    ]);
  });

  test('a request for settings by which nothing was read is refused for good', async () => {
    await expect(read(deploy('19'), 'unknown')).rejects.toMatchObject({
      name: 'PermanentError',
      message: expect.stringContaining('replay the file by the current settings'),
    });
  });

  test('a record of an earlier release has the defaults of the rules that were added since', async () => {
    const { dateOrder, ...older } = recordOf('first')!.rules;
    bucket.set(buildReadingKey(object, 'first'), JSON.stringify({ ...recordOf('first'), rules: older }));
    await read(deploy('19'));
    expect(sentBatches().at(-1)).toMatchObject({ rowCount: 1 });
  });
});

describe('an upload that did not end in one invocation', () => {
  const continueWith = async (deployed: DeployedParser) => {
    content = HEADER + GOOD.repeat(500);
    const { next: checkpoint, upload } = await read(deploy('20'), undefined, () => true);
    const [request] = readUploadMessage(encodeCheckpoint({ upload, checkpoint: checkpoint! }));
    return readObject(request!, { ...resources, deployed }, () => false);
  };

  test('continues by the same settings after they were changed', async () => {
    const { upload } = await continueWith(deploy('19'));
    expect(upload.revision).toBe('c0de-20');
    expect(sentBatches().map(({ batch }) => batch)).toEqual(sentBatches().map((_, index) => index + 1));
    expect(sentBatches().flatMap(({ rejects }) => rejects)).toEqual([]);
  });

  test('starts again with other code, by the same settings', async () => {
    const { upload, ...last } = await continueWith(deploy('19', { code: 'newc0de' }));
    expect(upload.revision).toBe('newc0de-20');
    expect(last).toMatchObject({ totals: { rowsRead: 500, rowsRejected: 0 } });
    expect(sentBatches()[1]).toMatchObject({ batch: 1 });
  });
});

describe('a store that no setting has', () => {
  const unknown = { ...document, knownStores: ['main'] };

  test('has its file refused, with what to do', async () => {
    await read(deploy('20', { document: unknown }));
    const message =
      'The setting retail:stores does not have the store "oslo". If the name is wrong, move the file: "retail move UPLOAD ' +
      '--to-store STORE --reason TEXT". If it is right, add the store to the setting, deploy (or start "retail up" again), and run "retail replay KEY".';
    expect(sentBatches()).toMatchObject([
      { rowCount: 0, closing: { failure: { code: 'store-unknown', message } } },
    ]);
  });

  test('has its file loaded by a replay after the setting has it', async () => {
    await read(deploy('20', { document: unknown }));
    await read(deploy('21', { document: { ...unknown, knownStores: ['main', 'oslo'] } }), 'current');
    expect(sentBatches().at(-1)).toMatchObject({ rowCount: 1, closing: { rowsRead: 1 } });
  });
});

test('a small file costs one more request, which runs while S3 opens the file', async () => {
  const order: string[] = [];
  const slow = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(`${name} ends`);
  };
  const [put, get] = [slow('put'), slow('get')];
  s3.on(PutObjectCommand).callsFake(put);
  s3.on(GetObjectCommand).callsFake(async () => {
    await get();
    return { Body: Readable.from([Buffer.from(HEADER + GOOD)]), ContentLength: 100 };
  });
  await read(deploy('20'));
  expect(order.slice(0, 2).toSorted()).toEqual(['get begins', 'put begins']);
  expect(order).toHaveLength(4);
});
