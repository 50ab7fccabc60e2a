import { beforeEach, describe, expect, it } from 'vitest';
import type { NotificationModel } from '../../../../local/assembly/readers/storage-readers.ts';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import { Notifier } from '../../../../local/s3/notifier.ts';
import type { ObjectVersion } from '../../../../local/s3/object-files.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:uploads';
const NOTIFICATION: NotificationModel = {
  bucketName: 'uploads',
  queueArn: QUEUE,
  events: ['s3:ObjectCreated:*'],
  prefix: 'sales/',
  suffix: '.csv',
};
const VERSION: ObjectVersion = {
  bucket: 'uploads',
  key: 'sales/1.csv',
  versionId: 'v1',
  isDeleteMarker: false,
  size: 12,
  etag: '"abc"',
  contentType: 'text/csv',
  metadata: {},
  lastModified: new Date('2026-01-31T10:00:00Z'),
  sequence: 1,
};

let sent: {
  queueArn: string;
  event: { Records: { s3: { object: { key: string; sequencer: string } } }[] };
}[];
let access: AccessControl;
beforeEach(() => {
  sent = [];
  access = new AccessControl(() => undefined);
});

function notifier(...changes: Partial<NotificationModel>[]): Notifier {
  const notifications =
    changes.length === 0 ? [NOTIFICATION] : changes.map((c) => ({ ...NOTIFICATION, ...c }));
  const send = async (queueArn: string, body: string) =>
    void sent.push({ queueArn, event: JSON.parse(body) });
  return new Notifier({ notifications, access, send });
}

function letBucketSend(bucket = 'uploads'): void {
  access.addResourcePolicy(QUEUE, [
    {
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: QUEUE,
      Principal: { Service: 's3.amazonaws.com' },
      Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:s3:::${bucket}` } },
    },
  ]);
}

describe('the event of a new object', () => {
  beforeEach(() => letBucketSend());

  it('has the object and its version, in the format of S3', async () => {
    await notifier().announce(VERSION, 'CompleteMultipartUpload');
    expect(sent).toEqual([
      {
        queueArn: QUEUE,
        event: {
          Records: [
            expect.objectContaining({
              eventVersion: '2.1',
              eventSource: 'aws:s3',
              awsRegion: 'us-east-1',
              eventTime: '2026-01-31T10:00:00.000Z',
              eventName: 'ObjectCreated:CompleteMultipartUpload',
              s3: expect.objectContaining({
                bucket: expect.objectContaining({ name: 'uploads', arn: 'arn:aws:s3:::uploads' }),
                object: expect.objectContaining({
                  key: 'sales/1.csv',
                  size: 12,
                  eTag: 'abc',
                  versionId: 'v1',
                }),
              }),
            }),
          ],
        },
      },
    ]);
  });

  it('has its key encoded for a URL, with a plus for a space', async () => {
    await notifier().announce({ ...VERSION, key: 'sales/a b+ü%.csv' }, 'Put');
    const { key } = sent[0]!.event.Records[0]!.s3.object;
    expect(key).toBe('sales/a+b%2B%C3%BC%25.csv');
    expect(decodeURIComponent(key.replaceAll('+', ' '))).toBe('sales/a b+ü%.csv');
  });

  it('has a sequencer that grows as text with each version', async () => {
    const subject = notifier();
    for (const sequence of [9, 10, 255, 256, 2 ** 40])
      await subject.announce({ ...VERSION, sequence }, 'Put');
    const sequencers = sent.map(({ event }) => event.Records[0]!.s3.object.sequencer);
    expect(sequencers).toEqual([...new Set(sequencers)].sort());
  });

  it('is not sent if the key does not match the filter, or for another bucket', async () => {
    const subject = notifier();
    await subject.announce({ ...VERSION, key: 'other/1.csv' }, 'Put');
    await subject.announce({ ...VERSION, key: 'sales/1.txt' }, 'Put');
    await subject.announce({ ...VERSION, bucket: 'archive' }, 'Put');
    expect(sent).toEqual([]);
  });

  it('is sent to the queues configured for its type', async () => {
    const subject = notifier({ events: ['s3:ObjectCreated:Put'] }, { events: ['s3:ObjectCreated:Copy'] });
    await subject.announce(VERSION, 'Put');
    await subject.announce(VERSION, 'CompleteMultipartUpload');
    expect(sent).toHaveLength(1);
  });
});

describe('a test event', () => {
  it('is sent to every queue when its notification is configured', async () => {
    letBucketSend();
    await notifier().sendTestEvents();
    const event = expect.objectContaining({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'uploads' });
    expect(sent).toEqual([{ queueArn: QUEUE, event }]);
  });
});

describe('a queue whose policy does not allow the bucket', () => {
  it.each(['no policy', 'a policy for another bucket'])('receives nothing with %s', async (policy) => {
    if (policy !== 'no policy') letBucketSend('archive');
    const subject = notifier();
    await expect(subject.announce(VERSION, 'Put')).rejects.toThrow(
      `s3.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: ${QUEUE}`,
    );
    await expect(subject.sendTestEvents()).rejects.toThrow('sqs:SendMessage');
    expect(sent).toEqual([]);
  });
});
