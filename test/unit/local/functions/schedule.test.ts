import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FunctionHost } from '../../../../local/functions/function-host.ts';
import { Schedule } from '../../../../local/functions/start-functions.ts';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { allow } from '../running-gateway.ts';

const parent = temporaryDir();

let hosts: FunctionHost[];
let schedule: Schedule | undefined;
let errors: string[];
beforeEach(() => {
  hosts = [];
  errors = [];
  // The functions are real, and have real timeouts.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  schedule?.stop();
  vi.useRealTimers();
  await Promise.all(hosts.map((host) => host.stop()));
});

/** A function that notes each event it gets. @returns those events */
function addFunction(name: string, then = ''): () => unknown[] {
  const bundleDir = mkdtempSync(join(parent, 'bundle-'));
  const file = join(bundleDir, 'events');
  writeFileSync(file, '');
  writeFileSync(
    join(bundleDir, 'index.mjs'),
    `import { appendFileSync } from 'node:fs';
     export async function handler(event) {
       appendFileSync(${JSON.stringify(file)}, JSON.stringify(event) + '\\n');
       ${then}
     }`,
  );
  const model = {
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    bundleDir,
    handler: 'index.handler',
    environment: {},
    memoryMiB: 128,
    timeoutSeconds: 30,
    roleArn: 'arn:aws:iam::000000000000:role/worker',
    statements: [],
    telemetry: [],
  };
  hosts.push(
    new FunctionHost({ model, endpoint: 'http://127.0.0.1:1', secretAccessKey: 'secret', logFile: devNull }),
  );
  return () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
}

function begin(...rates: { everySeconds: number; names: string[] }[]): void {
  const models = rates.map(({ everySeconds, names }) => ({
    everySeconds,
    ruleArn: RULE,
    expression: 'rate(1 minute)',
    functionArns: names.map((name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`),
  }));
  const access = new AccessControl(() => undefined);
  for (const functionArn of models.flatMap(({ functionArns }) => functionArns)) {
    if (functionArn.endsWith(':closed')) continue;
    const Condition = { ArnLike: { 'aws:SourceArn': RULE } };
    access.addResourcePolicy(functionArn, [
      {
        ...allow('lambda:InvokeFunction', functionArn),
        Principal: { Service: 'events.amazonaws.com' },
        Condition,
      },
    ]);
  }
  schedule = new Schedule(models, hosts, access, ({ message }) => errors.push(message));
}

/** Lets a time pass, and what began in it come to its end. */
async function pass(seconds: number): Promise<void> {
  vi.advanceTimersByTime(seconds * 1_000);
  while (hosts.some(({ isBusy }) => isBusy)) await new Promise((go) => setTimeout(go, 5));
}

const RULE = 'arn:aws:events:us-east-1:000000000000:rule/nightly';
const EVENT = { 'detail-type': 'Scheduled Event' };

test('a function is called at its rate, the first time after one period', async () => {
  const events = addFunction('sweeper');
  begin({ everySeconds: 300, names: ['sweeper'] });
  await pass(299.999);
  expect(events()).toEqual([]);
  await pass(0.001);
  expect(events()).toEqual([EVENT]);
  await pass(299.999);
  expect(events()).toEqual([EVENT]);
  await pass(0.001);
  expect(events()).toEqual([EVENT, EVENT]);
});

test('each rule has its own rate, and calls only its own functions', async () => {
  const [first, second, other] = [addFunction('first'), addFunction('second'), addFunction('other')];
  begin({ everySeconds: 60, names: ['first', 'second'] }, { everySeconds: 150, names: ['second'] });
  await pass(160);
  expect([first(), second(), other()].map(({ length }) => length)).toEqual([2, 3, 0]);
});

test('a failed call is reported, and the next one still runs', async () => {
  const events = addFunction('failing', "throw new Error('no database')");
  begin({ everySeconds: 1, names: ['failing'] });
  await pass(1);
  expect(errors).toEqual(['failing failed: Error: no database']);
  await pass(1);
  expect(events()).toHaveLength(2);
  expect(errors).toHaveLength(2);
});

test('a call that takes longer than the period does not delay the next one', async () => {
  const events = addFunction('slow', 'await new Promise((done) => setTimeout(done, 300));');
  begin({ everySeconds: 1, names: ['slow'] });
  await pass(2);
  expect(events()).toHaveLength(2);
});

test('nothing is called once it is stopped', async () => {
  const events = addFunction('sweeper');
  begin({ everySeconds: 1, names: ['sweeper'] });
  schedule!.stop();
  await pass(10);
  expect(events()).toEqual([]);
});

test('a function that does not allow EventBridge is not called, which is reported', async () => {
  const events = addFunction('closed');
  begin({ everySeconds: 60, names: ['closed'] });
  await pass(60);
  expect(events()).toEqual([]);
  expect(errors).toEqual([expect.stringContaining('events.amazonaws.com is not authorized to perform')]);
});
