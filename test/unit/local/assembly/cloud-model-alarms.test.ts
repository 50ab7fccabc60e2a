import { describe, expect, test } from 'vitest';
import { readCloudModel } from '../../../../local/assembly/read-cloud-model.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { writeAssembly } from './written-assembly.ts';

const dir = temporaryDir();
const stat = { Period: 300, Stat: 'Maximum' };
const QUEUE = { Name: 'QueueName', Value: { 'Fn::GetAtt': ['Jobs', 'QueueName'] } };
const metric = (Id: string, ReturnData: boolean, changes: object = {}) => ({
  Id,
  ReturnData,
  MetricStat: {
    ...stat,
    Metric: { Namespace: 'AWS/SQS', MetricName: 'Visible', Dimensions: [QUEUE] },
    ...changes,
  },
});

async function read(changes: object) {
  const Properties = {
    AlarmName: 'shop/Waiting',
    AlarmActions: [{ Ref: 'Topic' }],
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 10,
    EvaluationPeriods: 3,
    Metrics: [metric('m1', true)],
    ...changes,
  };
  const Resources = {
    Jobs: { Type: 'AWS::SQS::Queue' },
    Topic: { Type: 'AWS::SNS::Topic' },
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties },
  };
  const model = await readCloudModel(await writeAssembly(dir, { App: { Resources } }), 'http://127.0.0.1:1');
  return model.alarms[0]!;
}

describe('an alarm', () => {
  test('on a metric has the defaults of CloudWatch', async () => {
    expect(await read({})).toMatchObject({
      name: 'shop/Waiting',
      arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:shop/Waiting',
      comparison: 'GreaterThanThreshold',
      threshold: 10,
      periodSeconds: 300,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      missingData: 'missing',
      warmUpMinutes: 0,
      metrics: [
        {
          id: 'm1',
          namespace: 'AWS/SQS',
          name: 'Visible',
          dimensions: { QueueName: 'app-jobs' },
          statistic: 'Maximum',
        },
      ],
      expression: 'm1',
    });
  });

  test('on an expression has its metrics', async () => {
    const Metrics = [{ Id: 'e1', Expression: 'a + b' }, metric('a', false), metric('b', false)];
    const WarmUpConfiguration = {
      WarmUpPeriodDurationInMinutes: 120,
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
    };
    const alarm = await read({ Metrics, WarmUpConfiguration, DatapointsToAlarm: 2 });
    expect(alarm).toMatchObject({ expression: 'a + b', warmUpMinutes: 120, datapointsToAlarm: 2 });
    expect(alarm.metrics.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test.each([
    ['another property', { EvaluateLowSampleCountPercentile: 'ignore' }, 'EvaluateLowSampleCountPercentile'],
    ['a range as threshold', { ComparisonOperator: 'GreaterThanUpperThreshold' }, 'ComparisonOperator'],
    ['two results', { Metrics: [metric('a', true), metric('b', true)] }, 'one result'],
    ['two periods', { Metrics: [metric('a', true), metric('b', false, { Period: 60 })] }, 'one period'],
    ['a period of seconds', { Metrics: [metric('a', true, { Period: 10 })] }, 'Period'],
    ['more data points than periods', { DatapointsToAlarm: 4 }, 'data points'],
    ['more than a week', { EvaluationPeriods: 2_017 }, 'data points'],
  ])('with %s is refused', async (_, changes, message) => {
    await expect(read(changes)).rejects.toThrow(message);
  });
});
