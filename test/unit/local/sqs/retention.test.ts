import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Queues } from '../../../../local/sqs/fauxqs.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';

const parent = temporaryDir();
const QueueUrl = 'http://127.0.0.1:1/000000000000/jobs';
const model = {
  name: 'jobs',
  arn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  url: QueueUrl,
  attributes: { MessageRetentionPeriod: '3600' },
};
let dir: string;
let queues: Queues;
beforeEach(async () => {
  dir = mkdtempSync(join(parent, 'sqs-'));
  queues = await Queues.open(dir, [model]);
});
afterEach(() => queues.close());
const receive = async (more: object = {}) =>
  ((await queues.call('ReceiveMessage', { QueueUrl, ...more })) as { Messages?: unknown[] }).Messages ?? [];

test('a message that is too old when its delay is over is not given to whoever waits for one', async () => {
  await queues.call('SendMessage', { QueueUrl, MessageBody: 'old', DelaySeconds: 900 });
  const waiting = receive({ WaitTimeSeconds: 2 });
  queues.passTime(3_601);
  expect(await waiting).toEqual([]);
});
