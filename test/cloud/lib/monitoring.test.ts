import { beforeAll, describe, expect, test } from 'vitest';
import { readAlarms } from '../../support/alarms.ts';
import { FUNCTION_FOLDERS } from '../../support/function-folders.ts';
import { type SynthesizedStack, synthesizeStack } from '../../support/synthesized-app.ts';

let dev: SynthesizedStack;
let prod: SynthesizedStack;

beforeAll(() => {
  dev = synthesizeStack('RetailOperations', { 'retail:monitoring': true, stage: 'dev' });
  prod = synthesizeStack('RetailOperations', { 'retail:monitoring': true, stage: 'prod' });
});

test('two stages of one account share no alarm, no dashboard and no metric', () => {
  const names = (operations: SynthesizedStack) => [
    ...readAlarms(operations).map(({ name }) => name),
    ...operations.ofType('AWS::CloudWatch::Dashboard').map(({ Properties }) => Properties.DashboardName),
    ...readAlarms(operations).flatMap(({ metrics }) => metrics.map((metric) => JSON.stringify(metric))),
  ];
  const namesOfDev = new Set(names(dev));
  expect(names(prod).filter((name) => namesOfDev.has(name))).toEqual([]);
});

describe('the topics of alarms', () => {
  const topicsOf = (operations: SynthesizedStack) => operations.ofType('AWS::SNS::Topic');

  test('every address receives both severities', () => {
    const subscriptions = prod.ofType('AWS::SNS::Subscription').map(({ Properties }) => Properties);
    expect(new Set(subscriptions.map(({ TopicArn }) => JSON.stringify(TopicArn))).size).toBe(2);
    for (const subscription of subscriptions) {
      expect(subscription).toMatchObject({ Protocol: 'email', Endpoint: 'operators@example.com' });
    }
    expect(dev.ofType('AWS::SNS::Subscription')).toEqual([]);
  });

  test('messages are encrypted with the stage’s key, if it has one', () => {
    expect(topicsOf(prod)).toHaveLength(2);
    for (const { Properties } of topicsOf(prod))
      expect(JSON.stringify(Properties.KmsMasterKeyId)).toContain('"StackName":"retail-prod-data"');
    for (const { Properties } of topicsOf(dev)) expect(Properties).not.toHaveProperty('KmsMasterKeyId');
  });

  test('only CloudWatch may publish, over TLS, and only the alarms of the stage', () => {
    const policies = prod.ofType('AWS::SNS::TopicPolicy').map(({ Properties }) => Properties);
    expect(policies).toHaveLength(2);
    for (const { PolicyDocument } of policies) {
      const { Statement } = PolicyDocument as { Statement: { Effect: string; Condition: object }[] };
      expect(Statement).toMatchObject([
        { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' },
      ]);
      expect(JSON.stringify(Statement[1]?.Condition)).toContain(':alarm:retail-prod/*');
    }
  });

  test('an address without a mailbox causes a warning, another address does not', () => {
    const warning = 'retail:alarmEmails has operators@example.com, an address without a mailbox';
    expect(prod.messages.join('\n')).toContain(warning);
    const real = synthesizeStack('RetailOperations', {
      stage: 'prod',
      'retail:alarmEmails': 'ops@notexample.com',
    });
    expect(real.messages.join('\n')).not.toContain('without a mailbox');
  });
});

describe('dashboards', () => {
  const bodyOf = (operations: SynthesizedStack, name: string) => {
    const dashboards = operations.ofType('AWS::CloudWatch::Dashboard');
    const dashboard = dashboards.find(({ Properties }) => Properties.DashboardName === name);
    return JSON.stringify(dashboard?.Properties.DashboardBody ?? '');
  };

  test('the dashboard for operators shows every alarm, with its metric and its threshold', () => {
    const body = bodyOf(prod, 'retail-prod-operator');
    const alarms = readAlarms(prod);
    expect(alarms.length).toBeGreaterThan(30);
    for (const { logicalId, threshold, metrics } of alarms) {
      expect(body).toContain(`["${logicalId}","Arn"]`);
      expect(body).toContain(`\\"value\\":${threshold},`);
      for (const { name } of metrics) expect(body).toContain(`\\"${name}\\"`);
    }
  });

  test('the dashboard of consumption shows what each service bills by', () => {
    const body = bodyOf(dev, 'retail-dev-consumption');
    for (const folder of FUNCTION_FOLDERS) {
      expect(body).toContain(`${folder}Milliseconds / 1000`);
    }
    const names = [
      'DataProcessed',
      'MessageCount',
      'BucketSizeBytes',
      'NumberOfEmptyReceives',
      'ServerlessDatabaseCapacity',
      'VolumeReadIOPs',
      'IncomingBytes',
    ];
    for (const name of names) expect(body).toContain(name);
  });
});
