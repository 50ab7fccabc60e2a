import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FunctionModel } from '../../../../local/assembly/readers/function-readers.ts';
import { FunctionHost } from '../../../../local/functions/function-host.ts';
import { readReports } from '../../../../local/functions/platform-log.ts';

let dir: string;
let hosts: FunctionHost[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-host-'));
  hosts = [];
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await rm(dir, { recursive: true, force: true });
});

/** A function whose bundle is this code. */
async function hostOf(
  code: string,
  changes: Partial<FunctionModel> = {},
  log: Partial<ConstructorParameters<typeof FunctionHost>[0]> = {},
): Promise<FunctionHost> {
  const bundleDir = join(dir, 'bundle');
  await mkdir(bundleDir, { recursive: true });
  await writeFile(join(bundleDir, 'index.mjs'), code);
  const model = {
    name: 'sample',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:sample',
    bundleDir,
    handler: 'index.handler',
    environment: { GREETING: 'hello' },
    memoryMiB: 128,
    timeoutSeconds: 30,
    roleArn: 'arn:aws:iam::000000000000:role/worker',
    statements: [],
    telemetry: [],
    ...changes,
  };
  const host = new FunctionHost({
    model,
    endpoint: 'http://127.0.0.1:1',
    secretAccessKey: 'secret',
    logFile: join(dir, 'log'),
    ...log,
  });
  hosts.push(host);
  return host;
}

test('a function receives the event and its context, and its response is returned', async () => {
  const host = await hostOf(
    'export const handler = async (event, context) => [event.a + 1, context.functionName, context.getRemainingTimeInMillis() > 29000]',
  );
  expect(await host.invoke({ a: 1 })).toEqual([2, 'sample', true]);
});

test('its environment has its own and Lambda’s variables, and none of the machine', async () => {
  const host = await hostOf('export const handler = async () => Object.keys(process.env).sort()');
  const names = (await host.invoke({})) as string[];
  expect(names).toContain('GREETING');
  expect(names.filter((name) => name !== 'GREETING' && !/^(AWS_|LAMBDA_|_HANDLER$|TZ$)/.test(name))).toEqual(
    [],
  );
});

test('a worker serves one invocation after another, and concurrent ones have their own workers', async () => {
  const host = await hostOf(
    'let calls = 0; export const handler = async () => { calls++; await new Promise((go) => setTimeout(go, 50)); return calls; }',
  );
  expect([await host.invoke({}), await host.invoke({})]).toEqual([1, 2]);
  expect((await Promise.all([host.invoke({}), host.invoke({})])).sort()).toEqual([1, 3]);
});

test('an error that it throws is reported with its name, and the next invocation works', async () => {
  const host = await hostOf(
    "export const handler = async (event) => { if (event.bad) throw new TypeError('bad event'); return 'fine' }",
  );
  await expect(host.invoke({ bad: true })).rejects.toThrow('sample failed: TypeError: bad event');
  expect(await host.invoke({})).toBe('fine');
});

test('an invocation that does not finish is terminated at its timeout, even if it never yields', async () => {
  const host = await hostOf('export const handler = async (event) => { while (event.stuck); return 1 }', {
    timeoutSeconds: 1,
  });
  await expect(host.invoke({ stuck: true })).rejects.toThrow('Task timed out after 1 seconds');
  expect(await host.invoke({})).toBe(1);
});

test('a function that cannot start reports why', async () => {
  const host = await hostOf("throw new Error('missing environment variable X'); export const handler = 1");
  await expect(host.invoke({})).rejects.toThrow('sample cannot start: Error: missing environment variable X');
});

test('a worker that ends right after its answer leaves no invocation without an end', async () => {
  const host = await hostOf(
    'export const handler = async () => { setImmediate(() => process.exit()); return process.env.GREETING; }',
    { timeoutSeconds: 10 },
  );
  for (let round = 0; round < 3; round++) {
    const answer = host.invoke({}).catch(({ message }: Error) => message);
    // This thread sees the answer and the end at once, as on a busy machine.
    await new Promise((go) => setTimeout(go, 100));
    for (const end = Date.now() + 300; Date.now() < end; );
    expect(await answer).toMatch(/^(hello|sample failed: Runtime exited)$/);
  }
});

test('an invocation that exceeds its memory is terminated, and the next one works', async () => {
  const host = await hostOf(
    'export const handler = async (event) => { const all = []; while (event.greedy) all.push(new Array(10000).fill(all.length)); return 1 }',
    { memoryMiB: 32 },
  );
  await expect(host.invoke({ greedy: true })).rejects.toThrow(/memory/);
  expect(await host.invoke({})).toBe(1);
});

test('its log has the Lambda report of each invocation, the first with the init duration, with CPU time and waiting time', async () => {
  const host = await hostOf(
    `export const handler = async ({ work, wait }) => {
       const start = process.threadCpuUsage();
       while (process.threadCpuUsage(start).user < work * 1_000);
       await new Promise((go) => setTimeout(go, wait));
     }`,
    { memoryMiB: 256 },
  );
  await host.invoke({ work: 60, wait: 0 });
  await host.invoke({ work: 0, wait: 120 });
  await host.stop();
  const log = () => readFile(join(dir, 'log'), 'utf8');
  await expect.poll(log).toMatch(/(REPORT[\s\S]*){2}/);
  const [working, waiting, ...more] = readReports(await log());
  expect(more).toEqual([]);
  expect(working!.initMilliseconds).toBeGreaterThan(0);
  expect(working!.durationMilliseconds).toBeGreaterThanOrEqual(60);
  expect(working!.cpuMilliseconds).toBeGreaterThanOrEqual(60);
  expect(waiting).toMatchObject({ initMilliseconds: undefined, memoryMiB: 256 });
  expect(waiting!.durationMilliseconds).toBeGreaterThan(100);
  expect(waiting!.cpuMilliseconds).toBeLessThan(working!.cpuMilliseconds);
});

test('its heap has the size given by its memory and its options', async () => {
  const code = `import { resourceLimits } from 'node:worker_threads'; export const handler = async () => resourceLimits`;
  const environment = { NODE_OPTIONS: '--enable-source-maps --max-semi-space-size=8' };
  const host = await hostOf(code, { environment });
  expect(await host.invoke({})).toMatchObject({ maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 24 });
});

test('a log that cannot be written is reported, and the function goes on', async () => {
  const onLogError = vi.fn();
  const host = await hostOf('export const handler = async () => 1', {}, { logFile: dir, onLogError });
  expect(await host.invoke({})).toBe(1);
  expect(onLogError.mock.calls[0]![0].message).toContain('EISDIR');
  expect(await host.invoke({})).toBe(1);
});

test('many copies of a function share one log without a warning', async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => void warnings.push(message);
  process.on('warning', onWarning);
  const host = await hostOf(
    'export const handler = async () => new Promise((done) => setTimeout(done, 300))',
  );
  await Promise.all(Array.from({ length: 8 }, () => host.invoke({})));
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('what it does is measured: whole lines of its log, durations and failures', async () => {
  const measured: unknown[] = [];
  const meter = {
    invoked: (name: string, milliseconds: number, hasFailed: boolean) =>
      measured.push([name, milliseconds > 0, hasFailed]),
    throttled: (name: string) => measured.push([name, 'throttled']),
    logged: (line: string) => measured.push(line),
  };
  const code =
    'export const handler = async (event) => { process.stdout.write("a long "); console.log("line"); if (event.fails) throw new Error("no"); }';
  const host = await hostOf(code, {}, { meter });
  await host.invoke({});
  await expect(host.invoke({ fails: true })).rejects.toThrow('no');
  host.noteThrottled();
  await expect.poll(() => measured).toHaveLength(5);
  expect(measured).toEqual(
    expect.arrayContaining([
      ['sample', true, false],
      ['sample', true, true],
      ['sample', 'throttled'],
      'a long line',
    ]),
  );
});
