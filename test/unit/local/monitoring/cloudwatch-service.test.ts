import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import type { AlarmModel } from '../../../../local/assembly/readers/alarm-readers.ts';
import type { WatchedAlarm } from '../../../../local/monitoring/alarms.ts';
import { CloudWatchService } from '../../../../local/monitoring/cloudwatch-service.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';
import { sendSigned } from '../sign-request.ts';

const ALL = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:*';
const TIME = Date.parse('2026-01-05T10:00:00.250Z');

function alarm(name: string, state: WatchedAlarm['state']): WatchedAlarm {
  const properties = { AlarmName: name, Threshold: 0, Tags: [] } as unknown as AlarmModel['properties'];
  const model = {
    name,
    arn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
    properties,
  } as AlarmModel;
  return { model, state, reason: 'because', updatedAt: TIME, transitionedAt: TIME - 1_000 };
}
const ALARMS = [
  alarm('shop-a/One', 'OK'),
  alarm('shop-a/Two', 'ALARM'),
  alarm('shop-b/One', 'INSUFFICIENT_DATA'),
];

const running = await startGateway((access) => ({
  monitoring: new CloudWatchService(async () => ALARMS, access),
}));
addFunction(running.access, 'reader', [allow('cloudwatch:DescribeAlarms', ALL)]);
addFunction(running.access, 'prefix', [allow('cloudwatch:DescribeAlarms', ALL.replace('*', 'shop-a/*'))]);

const ask = (input: DescribeAlarmsCommandInput, caller?: string) =>
  new CloudWatchClient(configOf(running, caller)).send(new DescribeAlarmsCommand(input));
const namesOf = async (input: DescribeAlarmsCommandInput) =>
  (await ask(input)).MetricAlarms!.map(({ AlarmName }) => AlarmName);

describe('DescribeAlarms', () => {
  test('describes an alarm and its state', async () => {
    const { MetricAlarms, NextToken } = await ask({ StateValue: 'ALARM' }, 'reader');
    expect(NextToken).toBeUndefined();
    expect(MetricAlarms).toEqual([
      {
        AlarmName: 'shop-a/Two',
        AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:shop-a/Two',
        Threshold: 0,
        ActionsEnabled: true,
        InsufficientDataActions: [],
        StateValue: 'ALARM',
        StateReason: 'because',
        StateUpdatedTimestamp: new Date(TIME),
        StateTransitionedTimestamp: new Date(TIME - 1_000),
      },
    ]);
  });

  test('finds alarms by the beginning of their names, on pages', async () => {
    expect(await namesOf({ AlarmNamePrefix: 'shop-a/' })).toEqual(['shop-a/One', 'shop-a/Two']);
    const { MetricAlarms, NextToken } = await ask({ MaxRecords: 2 });
    expect([MetricAlarms!.length, NextToken]).toEqual([2, '2']);
    expect(await namesOf({ MaxRecords: 2, NextToken })).toEqual(['shop-b/One']);
  });

  test('needs the permission for all alarms, whatever the prefix is', async () => {
    await expect(ask({ AlarmNamePrefix: 'shop-a/' }, 'prefix')).rejects.toThrow(`on resource: ${ALL}`);
  });

  test('in another protocol is refused in that protocol', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'Action=DescribeAlarms&Version=2010-08-01';
    const answer = await sendSigned(running, {
      method: 'POST',
      path: '/',
      service: 'monitoring',
      headers,
      body,
    });
    expect([answer.status, await answer.text()]).toEqual([
      501,
      expect.stringContaining('<Code>NotImplemented</Code>'),
    ]);
  });

  test.each([
    ['a parameter that it does not know', { AlarmTypes: ['CompositeAlarm'] }, 'AlarmTypes'],
    ['names', { AlarmNames: ['shop-a/One'] }, 'AlarmNames'],
    ['too many records', { MaxRecords: 101 }, 'MaxRecords'],
    ['an empty prefix', { AlarmNamePrefix: '' }, 'AlarmNamePrefix'],
    ['an invented token', { NextToken: 'x' }, 'The next token specified is invalid'],
  ] as const)('refuses %s', async (_, input, message) => {
    await expect(ask(input as unknown as DescribeAlarmsCommandInput)).rejects.toThrow(message);
  });
});
