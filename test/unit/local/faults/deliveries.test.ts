import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../../../local/faults/fault-plan.ts';
import { faultyCalls } from '../../../../local/faults/faulty-calls.ts';
import { EventSourcePoller } from '../../../../local/functions/event-source-poller.ts';
import { FunctionHost } from '../../../../local/functions/function-host.ts';
import { SqsService } from '../../../../local/sqs/sqs-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues } from '../open-queues.ts';
import { addFunction, allow, startGateway } from '../running-gateway.ts';

const VISIBILITY_SECONDS = 1_000;
const ARN = 'arn:aws:sqs:us-east-1:000000000000';
const dir = temporaryDir();
const logFile = join(dir, 'seen');

/** Notes each message that it gets, sends it on to the queue `done`, and takes its time where the message says so. */
const CODE = `
  import { appendFileSync, readFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  import sqs from ${JSON.stringify(createRequire(import.meta.url).resolve('@aws-sdk/client-sqs'))};
  const { AWS_SESSION_TOKEN: copy, AWS_ENDPOINT_URL: endpoint } = process.env;
  const client = new sqs.SQSClient({ maxAttempts: 1 });
  export async function handler({ Records }) {
    for (const { body, attributes } of Records) {
      const receives = Number(attributes.ApproximateReceiveCount);
      const note = (what) => appendFileSync(${JSON.stringify(logFile)}, JSON.stringify({ what, body, receives, copy }) + '\\n');
      note('begin');
      const message = { QueueUrl: endpoint + '/000000000000/done', MessageBody: body };
      await client.send(new sqs.SendMessageCommand(message));
      // Slower than the second receive, also on a loaded machine.
      const isLast = () => readFileSync(${JSON.stringify(logFile)}, 'utf8').includes(JSON.stringify({ what: 'end', body, receives: 2 }).slice(0, -1));
      for (let tries = 0; body.startsWith('slow') && receives === 1 && tries < 500 && !isLast(); tries++) await sleep(10);
      note('end');
    }
  }`;

let plan: FaultPlan = {};
const problems: Error[] = [];
const attributes = { VisibilityTimeout: String(VISIBILITY_SECONDS) };
mkdirSync(join(dir, 'sqs'));
const models = ['jobs', 'done'].map((name) => modelQueue(name, attributes));
const { engine, call, receive, ...opened } = openQueues(join(dir, 'sqs'), models);
const hosts: FunctionHost[] = [];
let sqs!: SqsService;
const gateway = await startGateway(
  (access) => {
    sqs = new SqsService(engine, access);
    return { sqs };
  },
  faultyCalls({ onCall: (call) => plan.onCall?.(call) }, async (token) => {
    for (const host of hosts) await host.crash(token);
  }),
);
const host = startFunction();
hosts.push(host);
const poller = new EventSourcePoller({
  source: {
    id: 'jobs',
    queueArn: `${ARN}:jobs`,
    functionName: 'worker',
    batchSize: 1,
    windowSeconds: 0,
    maxConcurrency: 2,
  },
  queueUrl: models[0]!.url,
  sqs,
  host,
  caller: gateway.access.findCaller('worker')!,
  onError: (error) => problems.push(error),
  faults: { onDelivery: (delivery) => plan.onDelivery?.(delivery) },
});
poller.start();
afterAll(async () => {
  poller.stop();
  engine.close();
  await host.stop();
});

function startFunction(): FunctionHost {
  addFunction(gateway.access, 'worker', [allow('sqs:*', '*')]);
  writeFileSync(join(dir, 'index.mjs'), CODE);
  writeFileSync(logFile, '');
  const fn = {
    name: 'worker',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
    bundleDir: dir,
    handler: 'index.handler',
    environment: {},
    memoryMiB: 128,
    timeoutSeconds: 30,
    roleArn: 'arn:aws:iam::000000000000:role/worker',
    statements: [],
    telemetry: [],
  };
  return new FunctionHost({
    model: fn,
    endpoint: gateway.endpoint,
    secretAccessKey: gateway.keys.secretOf(fn.name),
    logFile: join(dir, 'log'),
  });
}

beforeEach(() => {
  plan = {};
  problems.length = 0;
});

const send = (body: string) => opened.send('jobs', body);

interface Note {
  readonly what: 'begin' | 'end';
  readonly body: string;
  readonly receives: number;
  readonly copy: string;
}

/** Reads the function's notes about a message. */
function notes(body: string): Note[] {
  const lines = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Note).filter((note) => note.body === body);
}

const steps = (body: string) => notes(body).map(({ what, receives }) => `${what} ${receives}`);
const copies = (body: string) => new Set(notes(body).map(({ copy }) => copy));
const TIMES = { timeout: 10_000, interval: 10 };
const untilSteps = (body: string, expected: string[]) =>
  expect.poll(() => steps(body), TIMES).toEqual(expected);

const done: string[] = [];
/** Counts the messages with a body that came to the queue `done`. */
async function countDone(body: string): Promise<number> {
  for (let messages = await receive('done'); messages.length > 0; messages = await receive('done')) {
    done.push(...messages.map(({ Body }) => Body));
    for (const { ReceiptHandle } of messages) await call('DeleteMessage', 'done', { ReceiptHandle });
  }
  return done.filter((other) => other === body).length;
}

/** Counts the messages that are waiting or in flight. */
async function messagesLeft(): Promise<number> {
  const [visible = 0, inFlight = 0] = await opened.counts('jobs');
  return visible + inFlight;
}

/** The fault at the first delivery, and nothing at the next ones. */
function atFirst<Fault>(fault: Fault) {
  const left = [fault];
  return () => left.shift();
}

describe('a delivery', () => {
  it('without faults arrives once', async () => {
    const asked: unknown[] = [];
    plan = { onDelivery: (delivery) => void asked.push(delivery) };
    await send('plain');
    await untilSteps('plain', ['begin 1', 'end 1']);
    await expect.poll(messagesLeft, TIMES).toBe(0);
    await send('plain too');
    await untilSteps('plain too', ['begin 1', 'end 1']);
    await expect.poll(messagesLeft, TIMES).toBe(0);
    const messageIds = [expect.any(String)];
    expect(asked).toEqual([
      { functionName: 'worker', messageIds, number: 1 },
      { functionName: 'worker', messageIds, number: 2 },
    ]);
  });

  it('whose messages are not deleted is repeated, although the function succeeded', async () => {
    plan = { onDelivery: atFirst({ kind: 'undeleted' }) };
    await send('undeleted');
    await untilSteps('undeleted', ['begin 1', 'end 1', 'begin 2', 'end 2']);
    await expect.poll(messagesLeft, TIMES).toBe(0);
    expect(await countDone('undeleted')).toBe(2);
    expect(problems).toEqual([]);
  });

  it('whose messages are visible again too early reaches another copy while the first still works', async () => {
    plan = { onDelivery: atFirst({ kind: 'visible' }) };
    await send('slow and visible');
    await untilSteps('slow and visible', ['begin 1', 'begin 2', 'end 2', 'end 1']);
    expect(copies('slow and visible').size).toBe(2);
    await expect.poll(messagesLeft, TIMES).toBe(0);
  });

  it('whose function has too little time is interrupted, and reaches another copy', async () => {
    plan = { onDelivery: atFirst({ kind: 'time-limit', seconds: 0.4 }) };
    await send('slow and limited');
    await expect
      .poll(() => problems.map(({ message }) => message), TIMES)
      .toEqual(['worker failed: Task timed out after 0.4 seconds']);
    expect(steps('slow and limited')).toEqual(['begin 1']);
    expect(await messagesLeft()).toBe(1);
    engine.passTime(VISIBILITY_SECONDS);
    await untilSteps('slow and limited', ['begin 1', 'begin 2', 'end 2']);
    expect(copies('slow and limited').size).toBe(2);
    await expect.poll(messagesLeft, TIMES).toBe(0);
  });
});

describe.each([
  ['before', 0],
  ['after', 1],
] as const)('a function that crashes %s its call', (when, effects) => {
  it('is terminated, its call took effect only for a crash after it, and the message is delivered again', async () => {
    const body = `crash ${when}`;
    plan = { onCall: atFirst({ kind: 'crash', when }) };
    await send(body);
    await expect
      .poll(() => problems.map(({ message }) => message), TIMES)
      .toEqual(['worker failed: Runtime exited']);
    expect(steps(body)).toEqual(['begin 1']);
    expect(await countDone(body)).toBe(effects);
    expect(await messagesLeft()).toBe(1);
    engine.passTime(VISIBILITY_SECONDS);
    await untilSteps(body, ['begin 1', 'begin 2', 'end 2']);
    expect(copies(body).size).toBe(2);
    expect(await countDone(body)).toBe(effects + 1);
    await expect.poll(messagesLeft, TIMES).toBe(0);
  });
});
