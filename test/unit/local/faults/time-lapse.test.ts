import { mkdtempSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FunctionHost } from '../../../../local/functions/function-host.ts';
import { TimeLapse } from '../../../../local/functions/start-functions.ts';
import type { Parameters } from '../../../../local/sqs/requests.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues, type Received } from '../open-queues.ts';

const parent = temporaryDir();
const ARN = 'arn:aws:sqs:us-east-1:000000000000';
const VISIBILITY_SECONDS = 500;
const RETENTION_SECONDS = 3_600;

/** `jobs` is read by a function and has dead letters; `dead` has no reader. */
const attributesOf = {
  dead: { MessageRetentionPeriod: String(RETENTION_SECONDS) },
  jobs: {
    MessageRetentionPeriod: String(RETENTION_SECONDS),
    VisibilityTimeout: String(VISIBILITY_SECONDS),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${ARN}:dead`, maxReceiveCount: 3 }),
  },
};
const models = Object.entries(attributesOf).map(([name, attributes]) => modelQueue(name, attributes));

let dir: string;
let opened: ReturnType<typeof openQueues>;
beforeEach(() => {
  dir = mkdtempSync(join(parent, 'sqs-'));
  opened = openQueues(dir, models);
});
afterEach(() => opened.engine.close());

function reopen(): void {
  opened.engine.close();
  opened = openQueues(dir, models);
}

const receive = (name = 'jobs', more: Parameters = {}): Promise<Received[]> => opened.receive(name, more);
const passTime = (seconds: number) => opened.engine.passTime(seconds);
const secondsToNextMessage = () => opened.engine.secondsToNextMessage();

const bodies = async (name?: string, more?: Parameters) =>
  (await receive(name, more)).map(({ Body }) => Body).sort();

const send = (body: string, more: Parameters = {}, name = 'jobs') => opened.send(name, body, more);
const changeVisibility = (ReceiptHandle: string, VisibilityTimeout: number) =>
  opened.call('ChangeMessageVisibility', 'jobs', { ReceiptHandle, VisibilityTimeout });

/** Seconds, give or take those that the test itself takes. */
const about = (seconds: number) => expect.closeTo(seconds, -1);

describe('the time to the next message', () => {
  it('is undefined if there is none', () => {
    expect(secondsToNextMessage()).toBeUndefined();
  });

  it('is undefined if a message is already visible', async () => {
    await send('later', { DelaySeconds: 60 });
    expect(secondsToNextMessage()).toEqual(about(60));
    await send('now');
    expect(secondsToNextMessage()).toBeUndefined();
  });

  it('is the shortest of all delays and visibility timeouts', async () => {
    await send('in flight');
    const [{ ReceiptHandle } = { ReceiptHandle: '' }] = await receive();
    expect(secondsToNextMessage()).toEqual(about(VISIBILITY_SECONDS));
    await send('later', { DelaySeconds: 300 });
    expect(secondsToNextMessage()).toEqual(about(300));
    await changeVisibility(ReceiptHandle, 100);
    expect(secondsToNextMessage()).toEqual(about(100));
  });

  it('ignores dead-letter queues, which have no reader', async () => {
    await send('dead', {}, 'dead');
    expect(secondsToNextMessage()).toBeUndefined();
    await send('later', { DelaySeconds: 60 });
    expect(secondsToNextMessage()).toEqual(about(60));
  });

  it('ignores deleted messages', async () => {
    await send('done');
    const [{ ReceiptHandle } = { ReceiptHandle: '' }] = await receive();
    await opened.call('DeleteMessage', 'jobs', { ReceiptHandle });
    expect(secondsToNextMessage()).toBeUndefined();
  });
});

describe('skipped time', () => {
  it('delivers a delayed message once its delay is over, not earlier', async () => {
    await send('later', { DelaySeconds: 300 });
    passTime(200);
    expect(await receive()).toEqual([]);
    expect(secondsToNextMessage()).toEqual(about(100));
    passTime(101);
    expect(await bodies()).toEqual(['later']);
  });

  it('delivers a message in flight again after its visibility timeout, with its receive count', async () => {
    await send('again');
    expect(await receive()).toHaveLength(1);
    passTime(VISIBILITY_SECONDS - 50);
    expect(await receive()).toEqual([]);
    passTime(51);
    expect((await receive())[0]!.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
  });

  it('wakes a receiver that waits for a message', async () => {
    await send('later', { DelaySeconds: 300 });
    const waiting = bodies('jobs', { WaitTimeSeconds: 20 });
    passTime(301);
    expect(await waiting).toEqual(['later']);
  });

  it('makes every message older', async () => {
    await send('old');
    passTime(1_000);
    const age = Date.now() - Number((await receive())[0]!.Attributes.SentTimestamp);
    expect(age / 1_000).toEqual(about(1_000));
  });
});

describe('a message older than the retention period', () => {
  it('is deleted, and a younger one is not', async () => {
    await send('old');
    passTime(RETENTION_SECONDS - 100);
    await send('young');
    passTime(101);
    expect(await bodies()).toEqual(['young']);
  });

  it('is deleted also when delayed or in flight', async () => {
    await send('in flight');
    await receive();
    await send('later', { DelaySeconds: 300 });
    passTime(RETENTION_SECONDS + 1);
    expect(await receive()).toEqual([]);
  });

  it('is not given to a long poll when its delay ends', async () => {
    await send('old', { DelaySeconds: 900 });
    const waiting = receive('jobs', { WaitTimeSeconds: 1 });
    passTime(RETENTION_SECONDS + 1);
    expect(await waiting).toEqual([]);
  });

  it('is deleted also after the queues are reopened', async () => {
    await send('old');
    passTime(RETENTION_SECONDS + 1);
    await send('young');
    expect(await bodies()).toEqual(['young']);
    reopen();
    expect(await bodies()).toEqual(['young']);
  });

  it('is deleted also as a dead letter, whose age counts from its first send', async () => {
    await send('poison');
    for (let receives = 0; receives < 4; receives++) await receive('jobs', { VisibilityTimeout: 0 });
    passTime(RETENTION_SECONDS - 100);
    expect(await bodies('dead', { VisibilityTimeout: 0 })).toEqual(['poison']);
    passTime(101);
    expect(await receive('dead')).toEqual([]);
  });

  it('is kept for the retention period of the template', async () => {
    await send('fresh');
    reopen();
    expect(await bodies()).toEqual(['fresh']);
  });
});

describe('a time lapse', () => {
  const lapses: TimeLapse[] = [];
  const hosts: FunctionHost[] = [];
  afterEach(async () => {
    for (const lapse of lapses.splice(0)) lapse.stop();
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
  });
  const pollers: { isGathering: boolean; endWindows: () => void }[] = [];
  const begin = (...busy: FunctionHost[]) => {
    const lapse = new TimeLapse(opened.engine, busy, pollers);
    lapses.push(lapse);
    return lapse;
  };

  it('skips hours of waiting at once, and counts them', async () => {
    const lapse = begin();
    const start = Date.now();
    for (let tries = 0; tries < 3; tries++) {
      await send(`try ${tries}`, { DelaySeconds: 900 });
      const [message] = await receive('jobs', { WaitTimeSeconds: 20 });
      expect(message!.Body).toBe(`try ${tries}`);
      const { ReceiptHandle } = message!;
      await opened.call('DeleteMessage', 'jobs', { ReceiptHandle });
    }
    expect(lapse.elapsedSeconds).toBeGreaterThan(2_600);
    expect(Date.now() - start).toBeLessThan(5_000);
  });

  it('skips nothing if no message waits, or if one is visible', async () => {
    const lapse = begin();
    await sleep(60);
    await send('now');
    await send('later', { DelaySeconds: 900 });
    await sleep(60);
    expect(lapse.elapsedSeconds).toBe(0);
    expect(await bodies()).toEqual(['now']);
  });

  it('skips nothing while a function runs', async () => {
    const host = await slowFunction();
    const lapse = begin(host);
    const invocation = host.invoke({});
    await send('later', { DelaySeconds: 900 });
    await sleep(150);
    expect(lapse.elapsedSeconds).toBe(0);
    await invocation;
    await expect.poll(() => lapse.elapsedSeconds).toBeGreaterThan(890);
  });

  it('ends a batching window instead of the visibility timeout of its messages', async () => {
    await send('gathered');
    await receive();
    const ended = vi.fn();
    pollers.push({ isGathering: true, endWindows: ended });
    const lapse = begin();
    await expect.poll(() => ended.mock.calls.length).toBeGreaterThan(0);
    expect(lapse.elapsedSeconds).toBe(0);
    pollers.length = 0;
    await expect.poll(() => lapse.elapsedSeconds).toBeGreaterThan(0);
  });

  it('skips nothing once it is stopped', async () => {
    const lapse = begin();
    lapse.stop();
    await send('later', { DelaySeconds: 900 });
    await sleep(60);
    expect(lapse.elapsedSeconds).toBe(0);
    expect(await receive()).toEqual([]);
  });

  async function slowFunction(): Promise<FunctionHost> {
    const bundleDir = mkdtempSync(join(parent, 'bundle-'));
    const code = 'export const handler = () => new Promise((done) => setTimeout(done, 600));';
    writeFileSync(join(bundleDir, 'index.mjs'), code);
    const model = {
      name: 'slow',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:slow',
      bundleDir,
      handler: 'index.handler',
      environment: {},
      memoryMiB: 128,
      timeoutSeconds: 30,
      roleArn: 'arn:aws:iam::000000000000:role/worker',
      statements: [],
      telemetry: [],
    };
    const host = new FunctionHost({
      model,
      endpoint: 'http://127.0.0.1:1',
      secretAccessKey: 'secret',
      logFile: devNull,
    });
    hosts.push(host);
    return host;
  }
});
