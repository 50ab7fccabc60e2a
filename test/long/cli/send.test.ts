import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tillPolicyOutput } from '../../../lambdas/shared/stacks.ts';
import { DataDirectory } from '../../../local/data-directory.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { queryRunning, SELECT_TRANSACTIONS } from '../../support/data-directory-view.ts';
import { type Outcome, runRetail, startRetail, startUp } from '../../support/run-retail.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const dir = temporaryDir();
const dataDir = join(dir, 'data');
const retail = (...args: string[]) => runRetail(...args, '--data-dir', dataDir);
let up: Awaited<ReturnType<typeof startUp>>;

beforeAll(async () => {
  up = await startUp(dataDir);
});
afterAll(stopUp);

async function stopUp(): Promise<Outcome> {
  up.child.kill('SIGINT');
  return up.outcome;
}

const rowsOf = (sql: string) => queryRunning(dataDir, sql);

interface Sent {
  readonly calls: number;
  readonly items: number;
  readonly accepted: number;
  readonly refused: number;
  readonly refusedLines: readonly { line: number; code: string }[];
  readonly receipts: readonly string[];
  readonly results: readonly Record<'inserted' | 'duplicate' | 'conflicting' | 'rejected', number>[];
}

/** Creates items of a day, with different ids. */
function createItems(count: number, date: string): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      id: randomUUID(),
      transaction_date: date,
      category: index % 2 === 0 ? 'SELL' : 'BUY',
      description: `Salt ${index}`,
      quantity: 1,
      amount_excl_tax: 10.1,
      amount_inc_tax: 12.12,
    }),
  );
}

async function writeItems(name: string, items: readonly string[]): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, `${items.join('\n')}\n`);
  return path;
}

async function send(path: string, ...options: string[]): Promise<Sent & { code: number | null }> {
  const { code, stdout, stderr } = await retail('send', path, '--json', ...options);
  expect(stdout, stderr).not.toBe('');
  return { ...(JSON.parse(stdout) as Sent), code };
}

async function countOn(date: string): Promise<string> {
  return (await retail('query', 'transactions-on-date', '--param', `date=${date}`)).stdout;
}

const total = (results: Sent['results'], name: keyof Sent['results'][number]) =>
  results.reduce((sum, result) => sum + result[name], 0);

test.each([
  ['HTTP', '2024-08-01', [], 3],
  ['WebSocket', '2024-08-02', ['--ws'], 4],
])(
  'a file sent over %s is in the table once, however often it is sent',
  async (_, date, options, calls) => {
    const path = await writeItems(`${date}.ndjson`, createItems(2_100, date));
    const first = await send(path, ...options);
    expect({ ...first, inserted: total(first.results, 'inserted') }).toMatchObject({
      code: 0,
      calls,
      items: 2_100,
      accepted: 2_100,
      refused: 0,
      inserted: 2_100,
    });
    const again = await send(path, ...options);
    expect(again).toEqual(first);
    expect(await countOn(date)).toMatch(/2,?100/);
  },
  180_000,
);

test('refused items are printed with line and code, rejected in the ledger, and end with 3', async () => {
  const [good = ''] = createItems(1, '2024-08-03');
  const path = await writeItems('broken.ndjson', [
    good,
    '',
    good.replace('SELL', 'SOLD').replace(/[0-9a-f]{12}/, '0'.repeat(12)),
    '{"id":',
  ]);
  const { code, stdout } = await retail('send', path, '--store', 'main');
  expect(code).toBe(3);
  expect(stdout).toContain('line 3, category (category-unknown): The category "SOLD" is not SELL or BUY.');
  expect(stdout).toMatch(/^line 4 \(json-malformed\): /m);
  expect(stdout).toContain('Sent 3 items in 1 call, 1 accepted, 2 refused.');
  expect(stdout).toContain('In the ledger: 1 inserted, 0 duplicate, 0 conflicting, 2 rejected.');
  const again = await retail('send', path, '--ws');
  expect(again.stdout).toMatch(/^line 4 \(json-malformed\): /m);
  expect(again.stdout).toContain('In the ledger: 0 inserted, 1 duplicate, 0 conflicting, 2 rejected.');
}, 60_000);

test('items of standard input are sent, and --no-wait returns when the API has them', async () => {
  const items = createItems(2, '2024-08-04');
  const { child, outcome } = startRetail(
    ['send', '-', '--no-wait', '--data-dir', dataDir],
    process.env,
    'pipe',
  );
  child.stdin!.end(items.join('\n'));
  const { code, stdout, stderr } = await outcome;
  expect({ code, stdout, stderr }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Sent 2 items in 1 call, 2 accepted, 0 refused.'),
    stderr: expect.stringContaining('shows when they are loaded'),
  });
}, 60_000);

test('curl sends a transaction with the credentials of a till, and not to another store', async () => {
  const { outputs, accessKeys } = new DataDirectory(dataDir).readRunning()!;
  const key = accessKeyOf(outputs[tillPolicyOutput('main')]!.split('/').at(-1)!);
  const [item = ''] = createItems(1, '2024-08-05');
  const post = async (store: string) => {
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--write-out', '\n%{http_code}', '--aws-sigv4', 'aws:amz:us-east-1:execute-api'],
      ...['--user', `${key}:${accessKeys[key]}`, '--header', 'content-type: application/json'],
      ...['--data', item, `${outputs.HttpApiUrl}/stores/${store}/transactions`],
    ]);
    return stdout;
  };
  expect(await post('main')).toMatch(/^\{"receipt":"[0-9a-f-]{36}","accepted":1,"refused":\[\]\}\n202$/);
  expect(await post('oslo')).toBe('{"message":"Forbidden"}\n403');
}, 60_000);

test('with an empty database, replay --all rebuilds the rows of the API', async () => {
  // The last calls wait in their queue for the window of the collector.
  await expect
    .poll(() => rowsOf(SELECT_TRANSACTIONS), { timeout: 30_000 })
    .toHaveLength(2 * 2_100 + 1 + 2 + 1);
  await expect.poll(async () => (await retail('verify')).code, { timeout: 60_000 }).toBe(0);
  const before = await rowsOf(SELECT_TRANSACTIONS);
  await stopUp();
  await rm(join(dataDir, 'postgres'), { recursive: true });
  up = await startUp(dataDir);
  expect(await rowsOf(SELECT_TRANSACTIONS)).toEqual([]);
  const { code, stderr } = await retail('replay', '--all');
  expect(code, stderr).toBe(3);
  expect(await rowsOf(SELECT_TRANSACTIONS)).toEqual(before);
}, 240_000);

test('up prints the addresses of the APIs and the policy of a till', async () => {
  const { outputs, accessKeys } = new DataDirectory(dataDir).readRunning()!;
  const { stdout } = await stopUp();
  expect(stdout).toContain(`HTTP API       ${outputs.HttpApiUrl}\n`);
  expect(stdout).toContain(`WebSocket API  ${outputs.WebSocketUrl}\n`);
  const [, policy = ''] = /credentials --policy ([\w-]+)/.exec(stdout) ?? [];
  expect(Object.keys(accessKeys)).toContain(accessKeyOf(policy));
});
