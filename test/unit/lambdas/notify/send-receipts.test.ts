import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { MessageRejected, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { FileReceipt } from '../../../../lambdas/core/file-receipt.ts';
import { chooseChannels, deliver } from '../../../../lambdas/notify/deliver.ts';
import { sendReceipts } from '../../../../lambdas/notify/send-receipts.ts';
import type { ApiSecret } from '../../../../lambdas/shared/api-secret.ts';
import { PermanentError } from '../../../../lambdas/shared/errors.ts';
import type { StoreContacts } from '../../../../lambdas/shared/notify-settings.ts';

const [s3, sqs, events, ses] = [
  mockClient(S3Client),
  mockClient(SQSClient),
  mockClient(EventBridgeClient),
  mockClient(SESv2Client),
];
afterAll(() => {
  for (const mock of [s3, sqs, events, ses]) mock.restore();
});

const ROWS = { read: 2, inserted: 1, duplicate: 0, conflicting: 0, rejected: 1, retracted: 0, replaced: 0 };
const NOTICE = {
  id: 'notice-1',
  sequence: 1,
  uploadId: 'u1',
  fileId: '1a2b3c4d-0000-8000-8000-000000000000',
  storeId: 'oslo',
  key: 'incoming/store=oslo/a.csv',
  versionId: 'v1',
  receivedAt: '2025-03-14T18:02:11.000Z',
  result: { status: 'complete', completedAt: '2025-03-14T18:02:20.000Z', rows: ROWS },
  byCode: [{ code: 'id-missing', rows: 1 }],
  first: [],
};
const RECEIPT_KEY = 'receipts/store=oslo/a.csv-1a2b3c4d.json';
const CONTACTS: StoreContacts = {
  emails: ['oslo@example.org'],
  webhook: 'https://shop.example.com/',
  when: 'always',
};

let objects: Map<string, string>;
/** Unsent notices, and the ids that were marked as sent. */
let unsent: (typeof NOTICE)[];
let noted: string[];
beforeEach(() => {
  objects = new Map();
  unsent = [NOTICE];
  noted = [];
  for (const mock of [s3, sqs, events, ses]) mock.reset();
  s3.on(PutObjectCommand).callsFake(({ Key, Body, IfNoneMatch }) => {
    if (IfNoneMatch === '*' && objects.has(Key)) {
      throw Object.assign(new Error('exists'), { $metadata: { httpStatusCode: 412 } });
    }
    objects.set(Key, Body);
    return {};
  });
  s3.on(GetObjectCommand).callsFake(({ Key }) => ({
    Body: { transformToString: async () => objects.get(Key) },
  }));
  events.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] });
  sqs.on(SendMessageCommand).resolves({});
});

const send = (contacts: StoreContacts | undefined = undefined) =>
  sendReceipts('u1', {
    s3: new S3Client(),
    sqs: new SQSClient(),
    events: new EventBridgeClient(),
    settings: { from: 'receipts@example.com', stores: contacts === undefined ? {} : { oslo: contacts } },
    bucketName: 'bucket',
    noticeQueueUrl: 'notices',
    eventSource: 'retail-dev',
    query: async (sql, parameters) => {
      if (sql.includes('find_notices')) return [[JSON.stringify(unsent)]];
      noted.push(...(JSON.parse(parameters.ids!) as string[]));
      unsent = [];
      return [];
    },
  });
const told = () => events.commandCalls(PutEventsCommand).length;
const storedReceipt = () => JSON.parse(objects.get(RECEIPT_KEY)!) as FileReceipt;

test('a notice becomes a text, a JSON object, an event, and a message for each delivery, and is then sent', async () => {
  expect(await send(CONTACTS)).toEqual({ sent: 1, known: 0 });
  expect([...objects.keys()]).toEqual([RECEIPT_KEY.replace('.json', '.txt'), RECEIPT_KEY]);
  expect(storedReceipt()).toMatchObject({
    id: 'notice-1',
    fileName: 'a.csv',
    rejects: { byCode: NOTICE.byCode },
  });
  const [{ Source, DetailType, Detail = '' } = {}] =
    events.commandCalls(PutEventsCommand)[0]!.args[0].input.Entries!;
  expect([Source, DetailType, JSON.parse(Detail)]).toEqual([
    'retail-dev',
    'Upload complete',
    storedReceipt(),
  ]);
  const messages = sqs
    .commandCalls(SendMessageCommand)
    .map(({ args }) => JSON.parse(args[0].input.MessageBody!));
  expect(messages).toEqual(['mail', 'webhook'].map((channel) => ({ channel, receipt: storedReceipt() })));
  expect(noted).toEqual(['notice-1']);
});

test('a notice whose event was not accepted stays unsent, and is told again with the same id', async () => {
  events
    .on(PutEventsCommand)
    .resolvesOnce({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] })
    .resolves({});
  await expect(send()).rejects.toThrow('EventBridge did not accept the event: InternalFailure');
  expect(noted).toEqual([]);
  expect(await send()).toEqual({ sent: 1, known: 0 });
  expect([told(), noted]).toEqual([2, ['notice-1']]);
});

test('what an earlier database told in the same way is not told again', async () => {
  await send();
  unsent = [{ ...NOTICE, id: 'notice-of-the-rebuilt-database', uploadId: 'u2' }];
  expect(await send(CONTACTS)).toEqual({ sent: 0, known: 1 });
  expect([told(), storedReceipt().id, noted.length]).toEqual([1, 'notice-1', 2]);
  expect(sqs.calls()).toHaveLength(0);
});

test('another result than that of an earlier database replaces its receipt and is told', async () => {
  await send();
  const result = { ...NOTICE.result, rows: { ...ROWS, inserted: 2, rejected: 0 } };
  unsent = [{ ...NOTICE, id: 'notice-2', result }];
  expect(await send()).toEqual({ sent: 1, known: 0 });
  expect([told(), storedReceipt().id]).toEqual([2, 'notice-2']);
});

test('an upload whose notices are sent has no work', async () => {
  unsent = [];
  expect(await send(CONTACTS)).toEqual({ sent: 0, known: 0 });
  expect([s3.calls(), events.calls(), sqs.calls(), noted]).toEqual([[], [], [], []]);
});

describe('the channels of a store', () => {
  const receipt = { ...NOTICE, status: 'complete', rows: ROWS } as unknown as FileReceipt;
  const channels = (change: Partial<FileReceipt>, contacts: Partial<StoreContacts> = {}) =>
    chooseChannels({ ...receipt, ...change }, { stores: { oslo: { ...CONTACTS, ...contacts } } });
  const clean = { rows: { ...ROWS, rejected: 0 } };

  test.each<[string, Partial<FileReceipt>, Partial<StoreContacts>, string[]]>([
    ['both', {}, {}, ['mail', 'webhook']],
    ['no mail without an address', {}, { emails: [] }, ['webhook']],
    [
      'no mail about collected calls',
      { key: 'incoming/store=oslo/api/2025-01-01/x.ndjson' },
      {},
      ['webhook'],
    ],
    ['none about a repeated reading', { isRepeated: true }, {}, []],
    ['none without problems, if it wants these only', clean, { when: 'problems' }, []],
    ['both with rejected rows, if it wants problems', {}, { when: 'problems' }, ['mail', 'webhook']],
    ['both for a refused file', { ...clean, status: 'failed' }, { when: 'problems' }, ['mail', 'webhook']],
    ['none of another store', { storeId: 'bergen' }, {}, []],
    ['none of a store named like a property of objects', { storeId: 'constructor' }, {}, []],
  ])('are %s', (_, change, contacts, expected) => {
    expect(channels(change, contacts)).toEqual(expected);
  });

  const mail = (emails = CONTACTS.emails) =>
    deliver(
      'mail',
      { ...receipt, fileName: 'a.csv', completedAt: NOTICE.receivedAt },
      {
        settings: { from: 'receipts@example.com', stores: { oslo: { ...CONTACTS, emails } } },
        ses: new SESv2Client(),
        webhookSecret: {} as ApiSecret,
      },
    );

  test('a mail that SES refuses is final, and a throttled one is not', async () => {
    const refused = new MessageRejected({ message: 'Email address is not verified.', $metadata: {} });
    ses.on(SendEmailCommand).rejectsOnce(refused).rejectsOnce(new Error('Throttling')).resolves({});
    await expect(mail()).rejects.toThrow('SES refused the mail: Email address is not verified.');
    await expect(mail()).rejects.not.toBeInstanceOf(PermanentError);
    await mail();
    expect(ses.calls()).toHaveLength(3);
  });

  test('a store whose address was removed gets no mail', async () => {
    await mail([]);
    expect(ses.calls()).toHaveLength(0);
  });
});
