import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LogsService } from '../../../../local/monitoring/logs-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { addFunction, allow, startGateway } from '../running-gateway.ts';
import { sendSigned } from '../sign-request.ts';

const dir = temporaryDir();
const GROUPS = ['parse', 'load'].map((name) => ({ name, file: join(dir, `${name}.log`) }));
const START = Date.parse('2026-03-14T09:00:00Z');
const line = (minute: number) =>
  JSON.stringify({ level: 'INFO', timestamp: new Date(START + minute * 60_000).toISOString(), minute });
writeFileSync(GROUPS[0]!.file, `${[line(0), line(1), 'REPORT of minute 1', line(2)].join('\n')}\n`);

const gateway = await startGateway((access) => ({ logs: new LogsService(GROUPS, access) }));
addFunction(gateway.access, 'of-load', [
  allow('logs:FilterLogEvents', 'arn:aws:logs:us-east-1:000000000000:log-group:load:*'),
]);

interface Page {
  readonly events: { message: string; timestamp: number; eventId: string }[];
  readonly nextToken?: string;
}

async function call(action: string, body: object, accessKeyId = 'operator') {
  const headers = { 'x-amz-target': `Logs_20140328.${action}`, 'content-type': 'application/x-amz-json-1.1' };
  const request = { method: 'POST', path: '/', service: 'logs', headers, body: JSON.stringify(body) };
  const response = await sendSigned(gateway, { ...request, accessKeyId });
  return { status: response.status, body: (await response.json()) as Page & { __type: string } };
}

test('each line of a log is an event with its time, or that of the line before', async () => {
  const startTime = START + 60_000;
  const { body } = await call('FilterLogEvents', { logGroupName: 'parse', startTime, interleaved: true });
  expect(body.events.map(({ message, timestamp }) => [message, (timestamp - START) / 60_000])).toEqual([
    [line(1), 1],
    ['REPORT of minute 1', 1],
    [line(2), 2],
  ]);
});

test('a long log has several pages', async () => {
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const request = { logGroupName: 'parse', limit: 3, endTime: START + 60_000, nextToken };
    const { body } = await call('FilterLogEvents', request);
    found.push(...body.events.map(({ message }) => message));
    nextToken = body.nextToken;
  } while (nextToken !== undefined);
  expect(found).toEqual([line(0), line(1), 'REPORT of minute 1']);
});

test('a function that has not run has a log group without events', async () => {
  expect((await call('FilterLogEvents', { logGroupName: 'load' })).body.events).toEqual([]);
  const { body } = await call('DescribeLogGroups', { logGroupNamePrefix: 'lo' });
  expect(body).toMatchObject({ logGroups: [{ logGroupName: 'load', storedBytes: 0 }] });
});

test('a caller reads only the log groups in its policy', async () => {
  expect((await call('FilterLogEvents', { logGroupName: 'load' }, 'of-load')).status).toBe(200);
  expect((await call('FilterLogEvents', { logGroupName: 'parse' }, 'of-load')).status).toBe(403);
});

test.each([
  ['a missing group', 'FilterLogEvents', { logGroupName: 'x' }, 'ResourceNotFoundException'],
  ['a filter', 'FilterLogEvents', { logGroupName: 'load', filterPattern: 'x' }, 'InvalidParameterException'],
  ['another action', 'DeleteLogGroup', { logGroupName: 'load' }, 'NotImplemented'],
])('%s is refused', async (_, action, body, type) => {
  expect((await call(action, body)).body.__type).toBe(type);
});
