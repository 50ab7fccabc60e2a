import { describe, expect, it } from 'vitest';
import type { EventFault } from '../../../../local/faults/fault-plan.ts';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import { Notifier } from '../../../../local/s3/notifier.ts';
import type { ObjectVersion } from '../../../../local/s3/object-files.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:uploads';
const versionOf = (key: string): ObjectVersion => ({
  bucket: 'uploads',
  key,
  versionId: `version of ${key}`,
  isDeleteMarker: false,
  size: 1,
  etag: '"abc"',
  contentType: 'text/csv',
  metadata: {},
  lastModified: new Date('2026-01-31T10:00:00Z'),
  sequence: 1,
});

/** Returns the events that reach the queue for some objects. */
async function announce(keys: string[], faultOf: (version: ObjectVersion) => EventFault | undefined) {
  const access = new AccessControl(() => undefined);
  access.addResourcePolicy(QUEUE, [
    { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE, Principal: '*' },
  ]);
  const events = ['s3:ObjectCreated:*'];
  const notification = { bucketName: 'uploads', queueArn: QUEUE, events, prefix: '', suffix: '' };
  const sent: string[] = [];
  const notifier = new Notifier({
    notifications: [notification],
    access,
    faults: { onEvent: faultOf },
    send: async (_, body) => void sent.push(body),
  });
  for (const key of keys) await notifier.announce(versionOf(key), 'Put');
  await notifier.sendTestEvents();
  return { sent, keys: sent.map((body) => JSON.parse(body).Records?.[0].s3.object.key) };
}

describe('an event', () => {
  it('that is lost reaches no queue, and the others do', async () => {
    const { keys } = await announce(['a', 'b', 'c'], ({ key }) => (key === 'b' ? 'lost' : undefined));
    expect(keys).toEqual(['a', 'c', undefined]);
  });

  it('that is repeated is the same both times', async () => {
    const { keys, sent } = await announce(['a', 'b'], ({ key }) => (key === 'a' ? 'twice' : undefined));
    expect(keys).toEqual(['a', 'a', 'b', undefined]);
    expect(sent[1]).toBe(sent[0]);
  });

  it('is passed to the plan with its version; the test event of a notification is never lost', async () => {
    const asked: string[] = [];
    const { sent } = await announce(['a', 'b'], ({ versionId }) => {
      asked.push(versionId);
      return 'lost';
    });
    expect(asked).toEqual(['version of a', 'version of b']);
    expect(sent.map((body) => JSON.parse(body).Event)).toEqual(['s3:TestEvent']);
  });
});
