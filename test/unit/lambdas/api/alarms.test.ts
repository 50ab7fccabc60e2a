import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeAlarm, readAlarmText } from '../../../../lambdas/shared/alarms.ts';
import { mockServices, request, SETTINGS, serviceError, tokenFor } from './running-api.ts';

mockServices();

let cloudWatch: AwsClientStub<CloudWatchClient>;
const settings = SETTINGS as { runbook?: Record<string, string> };
beforeAll(() => {
  cloudWatch = mockClient(CloudWatchClient) as unknown as typeof cloudWatch;
});
beforeEach(() => {
  cloudWatch.reset();
  settings.runbook = { 'Load/DlqNotEmpty': 'Run `retail dlq`.', 'Load/Errors': 'Read the log.' };
});
afterAll(() => {
  delete settings.runbook;
  cloudWatch.restore();
});

const TIME = new Date('2026-01-05T10:00:00Z');
const alarm = (
  heading: string,
  StateValue: MetricAlarm['StateValue'],
  severity: 'critical' | 'warning' = 'critical',
): MetricAlarm => ({
  AlarmName: `retail-test/${heading}`,
  AlarmDescription: describeAlarm({ heading, severity, meaning: 'It is wrong.' }),
  StateValue,
  StateReason: 'because',
  StateUpdatedTimestamp: TIME,
});
const list = async () => (await request('listAlarms')).body;

describe('the alarms', () => {
  test('come with what they mean, the raised ones with what to do', async () => {
    const StateTransitionedTimestamp = new Date('2026-01-05T09:00:00Z');
    const raised = { ...alarm('Load/DlqNotEmpty', 'ALARM'), StateTransitionedTimestamp };
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm('Load/Errors', 'OK'), raised] });
    expect(await list()).toEqual({
      isMonitored: true,
      alarms: [
        {
          name: 'retail-test/Load/DlqNotEmpty',
          heading: 'Load/DlqNotEmpty',
          severity: 'critical',
          meaning: 'It is wrong.',
          state: 'alarm',
          since: '2026-01-05T09:00:00.000Z',
          reason: 'because',
          runbook: 'docs/runbook.md#loaddlqnotempty',
          advice: 'Run `retail dlq`.',
        },
        expect.objectContaining({ heading: 'Load/Errors', state: 'ok', since: '2026-01-05T10:00:00.000Z' }),
      ],
    });
  });

  test('are all of the stage, from every page, in the order of their urgency', async () => {
    const first = [alarm('A/Quiet', 'OK'), alarm('B/Unknown', 'INSUFFICIENT_DATA')];
    const second = [
      alarm('C/Warning', 'ALARM', 'warning'),
      alarm('Z/Critical', 'ALARM'),
      alarm('D/Critical', 'ALARM'),
    ];
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: first, NextToken: 'next' });
    cloudWatch.on(DescribeAlarmsCommand, { NextToken: 'next' }).resolves({ MetricAlarms: second });
    const { alarms } = (await list()) as { alarms: { heading: string; state: string }[] };
    expect(alarms.map(({ heading, state }) => `${heading} ${state}`)).toEqual([
      ...['D/Critical alarm', 'Z/Critical alarm', 'C/Warning alarm'],
      ...['B/Unknown unknown', 'A/Quiet ok'],
    ]);
    const asked = cloudWatch.commandCalls(DescribeAlarmsCommand).map(({ args }) => args[0].input);
    expect(asked).toEqual([
      { AlarmNamePrefix: 'retail-test/', MaxRecords: 100 },
      { AlarmNamePrefix: 'retail-test/', MaxRecords: 100, NextToken: 'next' },
    ]);
  });

  test('that an operator made by hand are listed as they are', async () => {
    const MetricAlarms = [
      { AlarmName: 'retail-test/Mine', AlarmDescription: 'Look.', StateValue: 'ALARM' as const },
    ];
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms });
    const { alarms } = await list();
    expect(alarms).toMatchObject([{ heading: 'Mine', severity: 'warning', meaning: 'Look.', reason: '' }]);
  });

  test('that have not changed are not sent again', async () => {
    cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm('Load/Errors', 'OK')] });
    const { headers } = await request('listAlarms');
    const again = await request('listAlarms', { headers: { 'if-none-match': headers.etag! } });
    expect(again.status).toBe(304);
  });

  test('of a stage without monitoring are none, and CloudWatch is not asked', async () => {
    delete settings.runbook;
    expect(await list()).toEqual({ isMonitored: false, alarms: [] });
    expect(cloudWatch.calls()).toHaveLength(0);
  });

  test('are for operators only', async () => {
    expect((await request('listAlarms', { authorizer: tokenFor('oslo') })).status).toBe(403);
  });

  test('wait while CloudWatch is throttled', async () => {
    cloudWatch.on(DescribeAlarmsCommand).rejects(serviceError('ThrottlingException', 400));
    expect(await request('listAlarms')).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});

test('a description is read as it was written', () => {
  const text = { heading: 'A/B', severity: 'warning', meaning: 'More than 5 % were late. See it.' } as const;
  expect(readAlarmText(describeAlarm(text))).toEqual(text);
  expect(readAlarmText('something else')).toBeUndefined();
});
