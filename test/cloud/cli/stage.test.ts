import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPERATOR_PERMISSIONS } from '../../../cli/aws/calls.ts';
import { API_ROUTES, OPERATOR_ROUTES, type RouteName } from '../../../lambdas/shared/api-routes.ts';
import { buildS3Event } from '../../../lambdas/shared/upload-message.ts';
import type { FaultPlan } from '../../../local/faults/fault-plan.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { matches } from '../../../local/iam/wildcards.ts';
import { Operator } from '../../support/aws-environment.ts';
import { TestCloud } from '../../support/test-cloud.ts';
import { assemblyWithPoliciesWithout, nameWithout } from './policies-without.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
/** Name of a file whose notification is lost. */
const LOST_NAME = /lost/;

/** The first permission that each command lacks once it is removed. */
const COMMANDS_WITHOUT: readonly (readonly [action: string, command: readonly string[]])[] = [
  ['cloudformation:DescribeStacks', ['uploads']],
  ['s3:PutObject', ['load', 'FILE']],
  ['s3:ListBucketVersions', ['verify']],
  ['s3:ListBucket', ['replay', '--all']],
  ['s3:GetObject', ['replay', '--since', '2020-01-01']],
  [
    's3:GetObjectVersion',
    ['move', 'retail_01_04_2024.csv', '--to-store', 'bergen', '--reason', 'Wrong folder.'],
  ],
  ['sqs:SendMessage', ['replay', 'incoming/store=main/retail_09_04_2024_lost.csv']],
  ['sqs:ReceiveMessage', ['dlq']],
  ['sqs:ChangeMessageVisibility', ['dlq']],
  ['sqs:DeleteMessage', ['redrive', '--all']],
  ['rds-data:ExecuteStatement', ['load', 'FILE']],
  ['secretsmanager:GetSecretValue', ['uploads']],
  ['execute-api:Invoke', ['send', 'ITEM']],
];

const paused = { calls: 0 };
let breaksParts = false;
const faults: FaultPlan = {
  onEvent: ({ key }) => (LOST_NAME.test(key) ? 'lost' : undefined),
  onCall: ({ functionName, action }) => {
    if (!functionName.startsWith('user/')) return undefined;
    if (action === 'ExecuteStatement' && paused.calls > 0) {
      paused.calls -= 1;
      return { kind: 'error', when: 'before', code: 'DatabaseResumingException', status: 400 };
    }
    if (action === 'UploadPart' && breaksParts) {
      return { kind: 'error', when: 'before', code: 'InvalidPart', status: 400 };
    }
    return undefined;
  },
};

/** Routes that `retail send` calls. */
const SENT_BY_COMMANDS: ReadonlySet<RouteName> = new Set(['sendTransactions', 'createTicket']);
/** Body and query of a route’s call, and its status if that is not 200. */
const CALLS: Partial<Record<RouteName, { body?: string; query?: string; status?: string }>> = {
  createUpload: { body: '{"fileName": "retail_06_04_2024.csv", "size": 10}', status: '201' },
  getBalance: { query: '?product=Salt' },
  listTransactions: { query: '?product=Salt' },
  redriveDeadLetters: { body: '{}' },
};

let dir: string;
let cloud: TestCloud;
let policyName: string;
/** A user with only the operator's policy. */
let operator: Operator;
let sqs: SQSClient;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-stage-'));
  const assembly = await assemblyWithPoliciesWithout(COMMANDS_WITHOUT.map(([action]) => action));
  cloud = await TestCloud.start(assembly, { faults });
  sqs = new SQSClient(cloud.client.access.connection);
  policyName = cloud.client.access.outputs.operatorPolicyArn.split('/').at(-1)!;
  operator = new Operator(dir, {
    AWS_ENDPOINT_URL: cloud.cloud.running.endpoint,
    ...environmentOf(accessKeyOf(policyName)),
    AWS_REGION: 'us-east-1',
  });
});
afterAll(async () => {
  sqs.destroy();
  await cloud.stop();
  await rm(dir, { recursive: true, force: true });
});

const environmentOf = (accessKeyId: string) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: cloud.cloud.keys.secretOf(accessKeyId),
});
const retail = (...args: string[]) => operator.run(...args, '--stage', 'dev');

async function file(name: string, ...rows: string[]): Promise<string> {
  await writeFile(join(dir, name), `${[HEADER, ...rows].join('\n')}\n`);
  return join(dir, name);
}

async function itemFile(number: number): Promise<string> {
  const path = join(dir, `${number}.ndjson`);
  const values = {
    category: 'SELL',
    description: 'Tea',
    quantity: 1,
    amount_excl_tax: 1,
    amount_inc_tax: 1.2,
  };
  await writeFile(path, JSON.stringify({ id: id(number), transaction_date: '2024-04-06', ...values }));
  return path;
}

/** Sends a dead-letter message to each queue: about a deleted file, and others that are not understood. */
async function sendDeadLetters(): Promise<void> {
  const { outputs } = cloud.client.access;
  const key = 'incoming/store=main/retail_01_01_2024.csv';
  const object = { bucket: cloud.client.bucket, key, versionId: 'gone', receivedAt: '2024-01-01T00:00:00Z' };
  for (const [QueueUrl, MessageBody] of [
    [outputs.uploadDeadLetterQueueUrl, JSON.stringify(buildS3Event(object))],
    [outputs.rowDeadLetterQueueUrl, '{"hello":1}'],
    [outputs.callDeadLetterQueueUrl, '{"hello":1}'],
    [outputs.noticeDeadLetterQueueUrl, '{"hello":1}'],
  ]) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
}

describe('on a deployed stage, under the operator’s policy alone', () => {
  test('a file with a bad row is loaded, and the row is shown, corrected and loaded with the printed commands', async () => {
    const path = await file(
      'retail_01_04_2024.csv',
      `${id(1)},SELL,Salt,1,1.00,1.20`,
      `${id(2)},SOLD,Rice,1,3.00,3.60`,
    );
    const loaded = await retail('load', path, '--store', 'oslo');
    expect(loaded.code, loaded.stderr).toBe(3);
    expect(loaded.stdout).toMatch(/retail_01_04_2024\.csv +oslo +2024-04-01 +complete +2 +1 +0 +0 +1/);
    const [, command = ''] = /to correct them: retail (.*)$/m.exec(loaded.stdout)!;
    const csv = join(dir, 'retail_01_04_2024_corrected.csv');
    const written = await operator.run(...command.replace('retail_01_04_2024_corrected.csv', csv).split(' '));
    expect(written.code, written.stderr).toBe(0);
    await writeFile(csv, (await readFile(csv, 'utf8')).replaceAll('SOLD', 'SELL'));
    const [, again = ''] = /^ {2}retail (load .*)$/m.exec(written.stdout)!;
    expect((await operator.run(...again.split(' '), '--json')).code).toBe(0);
    const uploads = JSON.parse((await retail('uploads', '--json')).stdout).uploads;
    expect(uploads).toMatchObject([
      { status: 'complete', rowsInserted: 1, rowsRejected: 1 },
      { status: 'complete', rowsInserted: 1, rowsRejected: 0 },
    ]);
    const shown = await retail('rejects', 'retail_01_04_2024.csv');
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('category-unknown') });
  });

  test('a history is imported and queried', async () => {
    const path = join(dir, 'history.db');
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE transactions (id TEXT, transaction_date TEXT, category TEXT, name TEXT,
                     quantity BIGINT, amount_excl_tax FLOAT, amount_inc_tax FLOAT);
                   INSERT INTO transactions VALUES ('${id(11)}', '2024-04-02', 'SELL', 'Ski', 3, 10, 12)`);
    database.close();
    const imported = await retail('import-history', path);
    expect(imported.code, imported.stderr).toBe(0);
    const answer = await retail('query', 'balance-by-date', '--param', 'product=Ski', '--json');
    expect(JSON.parse(answer.stdout)).toEqual([{ transaction_date: '2024-04-02', balance: '12.00' }]);
  });

  test('a file whose notification was lost is found by verify and loaded by replay', async () => {
    const path = await file('retail_03_04_2024_lost.csv', `${id(31)},SELL,Salt,1,1.00,1.20`);
    expect((await retail('load', path, '--no-wait')).stderr).toContain('"retail uploads --stage dev"');
    const key = 'incoming/store=main/retail_03_04_2024_lost.csv';
    // The receipt of a file that an earlier database refused.
    const Key = 'receipts/store=main/retail_01_01_2023.csv-ffffffff.json';
    const Body = JSON.stringify({ status: 'failed', key: 'incoming/store=main/retail_01_01_2023.csv' });
    await cloud.s3.send(new PutObjectCommand({ Bucket: cloud.client.bucket, Key, Body }));
    const missing = await retail('verify');
    expect(missing).toMatchObject({ code: 1, stdout: expect.stringContaining(`${key}: version `) });
    const replayed = await retail('replay', key);
    expect(replayed.code, replayed.stderr).toBe(0);
    expect(await retail('replay', '--all')).toMatchObject({ code: 0, stdout: 'Nothing to replay.\n' });
    expect(await retail('verify')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('every row is accounted for'),
    });
  });

  test('dead-letter messages are listed, and sent back with the printed command', async () => {
    expect(await retail('redrive', '--all')).toMatchObject({ code: 0, stdout: 'No dead-letter messages.\n' });
    await sendDeadLetters();
    const listed = await retail('dlq');
    expect(listed.code, listed.stderr).toBe(3);
    expect(listed.stdout).toMatch(/retail redrive [0-9a-f]{8} --stage dev/);
    const sent = JSON.parse((await retail('redrive', '--all', '--json')).stdout).sent as { queue: string }[];
    expect(sent.map(({ queue }) => queue).sort()).toEqual(['calls', 'notices', 'rows', 'uploads']);
  });

  test('transactions are sent over both APIs', async () => {
    const path = await itemFile(61);
    const sent = await retail('send', path);
    expect(sent.code, sent.stderr).toBe(0);
    expect(sent.stdout).toContain('In the ledger: 1 inserted, 0 duplicate, 0 conflicting, 0 rejected.');
    expect((await retail('send', path, '--ws', '--no-wait')).code).toBe(0);
  });

  test('the API answers the operator on every route that pages read', async () => {
    const { httpApiUrl } = cloud.client.access.outputs;
    const { uploads } = JSON.parse((await retail('uploads', '--json')).stdout) as {
      uploads: { uploadId: string }[];
    };
    const { uploadId } = uploads[0]!;
    const environment = environmentOf(accessKeyOf(policyName));
    for (const route of OPERATOR_ROUTES.filter((name) => !SENT_BY_COMMANDS.has(name))) {
      const [method = '', path = ''] = API_ROUTES[route].split(' ');
      const place = path.replace('{store}', 'main').replace('{id}', uploadId).replace('{queue}', 'rows');
      const { body, query = '', status = '200' } = CALLS[route] ?? {};
      const { stdout } = await promisify(execFile)('curl', [
        ...['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', '--request', method],
        ...['--aws-sigv4', 'aws:amz:us-east-1:execute-api'],
        ...['--user', `${environment.AWS_ACCESS_KEY_ID}:${environment.AWS_SECRET_ACCESS_KEY}`],
        ...(body === undefined ? [] : ['--header', 'content-type: application/json', '--data', body]),
        `${httpApiUrl}${place}${query}`,
      ]);
      expect({ route, status: stdout }).toEqual({ route, status });
    }
  });

  test('a paused database is waited for, and the user is told', async () => {
    paused.calls = 1;
    const { code, stdout, stderr } = await retail('query', 'total-sell-inc-tax', '--json');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'The database was paused and is resuming. This takes a moment …\n',
    });
    expect(JSON.parse(stdout)).toHaveLength(1);
  });

  test('the parts of a failed upload are deleted', async () => {
    const path = join(dir, 'retail_05_04_2024.csv');
    await writeFile(path, `${HEADER}\n`.padEnd(9 * 1024 ** 2, 'x'));
    breaksParts = true;
    const { code, stderr } = await retail('load', path);
    breaksParts = false;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^retail: UploadPart on arn:aws:s3:::.*\/retail_05_04_2024\.csv failed: InvalidPart/,
      ),
    });
    const actions = [...cloud.cloud.access.calls.values()].map(({ action }) => action);
    expect(actions).toContain('s3:AbortMultipartUpload');
  });

  test('a file is moved to another store, and the operator is named in the decision', async () => {
    const path = await file('retail_10_04_2024.csv', `${id(101)},SELL,Salt,1,1.00,1.20`);
    expect((await retail('load', path, '--store', 'main')).code).toBe(0);
    const to = ['--to-store', 'oslo', '--reason', 'Wrong folder.'];
    const moved = await retail('move', 'retail_10_04_2024.csv', ...to);
    expect(moved.code, moved.stderr).toBe(0);
    expect(await cloud.rows('SELECT store_id FROM transactions WHERE id = $1', [id(101)])).toEqual([
      { store_id: 'oslo' },
    ]);
    const { arn } = cloud.cloud.access.findCaller(accessKeyOf(policyName))!;
    expect(await cloud.rows('SELECT kind, decided_by FROM ledger.decisions')).toEqual([
      { kind: 'retract', decided_by: arn },
    ]);
  });

  // The last test: it examines the calls of the tests above.
  test('every call was allowed, and every granted permission was used', () => {
    const caller = cloud.cloud.access.findCaller(accessKeyOf(policyName))!;
    const calls = [...cloud.cloud.access.calls.values()].filter((call) => call.caller === caller.arn);
    expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
    const granted = caller.statements.flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource }))),
    );
    expect(granted.length).toBeGreaterThan(10);
    const unused = granted.filter(
      ({ action, resource }) =>
        !calls.some((call) => call.action === action && matches(resource, call.resource)),
    );
    expect(unused).toEqual([]);
    const actions = new Set(granted.map(({ action }) => action));
    expect([...actions].filter((action) => !OPERATOR_PERMISSIONS.has(action))).toEqual([]);
  });
});

describe('a missing permission', () => {
  test.each(COMMANDS_WITHOUT)('%s is named with the policy that grants it', async (action, command) => {
    const path = await file('retail_08_04_2024.csv', `${id(81)},SELL,Salt,1,1.00,1.20`);
    if (command[1]?.startsWith('incoming/')) await cloud.put(command[1], `${HEADER}\n`);
    if (action.startsWith('sqs:')) await sendDeadLetters();
    const someone = operator.with(environmentOf(accessKeyOf(nameWithout(action))));
    const files: Readonly<Record<string, string>> = { FILE: path, ITEM: await itemFile(82) };
    const args = command.map((arg) => files[arg] ?? arg);
    const { code, stdout, stderr } = await someone.run(...args, '--stage', 'dev');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`the permission ${action} on `);
    expect(stderr).toContain('OperatorPolicyArn of the stack retail-dev-pipeline');
    expect(stderr).not.toContain('    at ');
  });
});

test('a data directory in the environment does not prevent the use of a stage', async () => {
  const { code } = await operator
    .with({ RETAIL_DATA_DIR: join(dir, 'elsewhere') })
    .run('uploads', '--stage', 'dev');
  expect(code).toBe(0);
});
