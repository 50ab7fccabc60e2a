import { beforeAll, describe, expect, test } from 'vitest';
import { METRICS } from '../../../lambdas/shared/metrics.ts';
import { alarmsOf, findAlarm as find } from '../../support/alarms.ts';
import { resourcesOf, type StageTemplates, stageTemplates } from '../../support/stage-templates.ts';

let dev: StageTemplates;
let prod: StageTemplates;

beforeAll(async () => {
  dev = await stageTemplates({ stage: 'dev' });
  prod = await stageTemplates({ stage: 'prod' });
});

describe('what alarms read', () => {
  test('each metric of ours is written by the function that the alarm names', () => {
    for (const { operations, pipeline } of [dev, prod]) {
      const environments = resourcesOf(pipeline, 'AWS::Lambda::Function').map((properties) => {
        return (
          (properties.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {}
        );
      });
      const metrics = alarmsOf(operations)
        .flatMap((alarm) => alarm.metrics)
        .filter(({ namespace }) => !namespace.startsWith('AWS/'));
      expect(metrics.length).toBeGreaterThan(6);
      for (const { namespace, name, dimensions } of metrics) {
        expect(Object.keys(dimensions)).toEqual(['service']);
        const folder = dimensions.service as keyof typeof METRICS;
        expect(Object.values(METRICS[folder]), `${folder} writes ${name}`).toContain(name);
        expect(environments).toContainEqual(
          expect.objectContaining({
            POWERTOOLS_SERVICE_NAME: folder,
            POWERTOOLS_METRICS_NAMESPACE: namespace,
          }),
        );
      }
    }
  });

  test('each metric of AWS is of a resource of the same stage', () => {
    for (const [stage, { operations }] of Object.entries({ dev, prod })) {
      for (const { heading, metrics } of alarmsOf(operations)) {
        for (const { namespace, dimensions } of metrics) {
          const text = JSON.stringify([namespace, dimensions]);
          expect(text, heading).toMatch(new RegExp(`retail-${stage}|RetailPipeline/${stage}"`));
        }
      }
    }
  });

  test('two stages of one account have nothing in common', () => {
    const names = ({ operations }: StageTemplates) => [
      ...alarmsOf(operations).map(({ name }) => name),
      ...resourcesOf(operations, 'AWS::CloudWatch::Dashboard').map(({ DashboardName }) => DashboardName),
      ...alarmsOf(operations).flatMap(({ metrics }) => metrics.map((metric) => JSON.stringify(metric))),
    ];
    const ofDev = new Set(names(dev));
    expect(names(prod).filter((name) => ofDev.has(name))).toEqual([]);
  });

  test('no alarm looks back longer than CloudWatch does', async () => {
    const rare = {
      'retail:verifyEveryHours': 168,
      'retail:sweepEveryMinutes': 1_440,
      'retail:alarmRowAgeMinutes': 9_000,
    };
    for (const { operations } of [dev, prod, await stageTemplates({ stage: 'prod', ...rare })]) {
      for (const { heading, periods, metrics } of alarmsOf(operations)) {
        for (const { periodSeconds } of metrics) {
          const longestSeconds = periodSeconds < 3_600 ? 86_400 : 604_800;
          expect(periods * periodSeconds, heading).toBeLessThanOrEqual(longestSeconds);
        }
      }
    }
  });

  test('ten rejected rows are needed before their share counts', () => {
    const { expression, metrics } = find(prod, 'Parse/RejectedShare');
    expect(expression).toBe('IF(rejected >= 10, 100 * rejected / read, 0)');
    expect(metrics.map(({ statistic, periodSeconds }) => [statistic, periodSeconds])).toEqual([
      ['Sum', 3_600],
      ['Sum', 3_600],
    ]);
  });

  test('a message that waits for its next try counts as waiting', () => {
    const names = find(prod, 'Load/QueueDepth').metrics.map(({ name }) => name);
    expect(names).toEqual(['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible']);
  });
});

describe('who hears of alarms', () => {
  const topicsOf = ({ operations }: StageTemplates) => resourcesOf(operations, 'AWS::SNS::Topic');

  test('every address hears of both severities', () => {
    const subscriptions = resourcesOf(prod.operations, 'AWS::SNS::Subscription');
    expect(new Set(subscriptions.map(({ TopicArn }) => JSON.stringify(TopicArn))).size).toBe(2);
    for (const subscription of subscriptions) {
      expect(subscription).toMatchObject({ Protocol: 'email', Endpoint: 'operators@example.com' });
    }
    expect(resourcesOf(dev.operations, 'AWS::SNS::Subscription')).toEqual([]);
  });

  test('every alarm tells its end to whom it told its beginning', () => {
    for (const { heading, properties } of alarmsOf(prod.operations)) {
      expect(properties.OKActions, heading).toEqual(properties.AlarmActions);
    }
  });

  test('messages are encrypted with the stage’s own key where it has one', () => {
    expect(topicsOf(prod)).toHaveLength(2);
    for (const topic of topicsOf(prod))
      expect(JSON.stringify(topic.KmsMasterKeyId)).toContain('retail-prod-data:');
    for (const topic of topicsOf(dev)) expect(topic).not.toHaveProperty('KmsMasterKeyId');
  });

  test('the alarms of the stage may be published, by CloudWatch and over TLS, and nothing else', () => {
    const policies = resourcesOf(prod.operations, 'AWS::SNS::TopicPolicy');
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

  test('an address that reaches nobody is warned of, another one is not', async () => {
    const warning = 'retail:alarmEmails has operators@example.com, which reaches nobody';
    expect(prod.messages.join('\n')).toContain(warning);
    const real = await stageTemplates({ stage: 'prod', 'retail:alarmEmails': 'ops@notexample.com' });
    expect(real.messages.join('\n')).not.toContain('reaches nobody');
  });
});

describe('dashboards', () => {
  const bodyOf = ({ operations }: StageTemplates, name: string) => {
    const dashboards = resourcesOf(operations, 'AWS::CloudWatch::Dashboard');
    const dashboard = dashboards.find(({ DashboardName }) => DashboardName === name);
    return JSON.stringify(dashboard?.DashboardBody ?? '');
  };

  test('the one for operators shows every alarm', () => {
    const body = bodyOf(prod, 'retail-prod-operator');
    const ids = Object.entries(prod.operations.Resources).filter(
      ([, { Type }]) => Type === 'AWS::CloudWatch::Alarm',
    );
    expect(ids.length).toBeGreaterThan(30);
    for (const [id] of ids) expect(body).toContain(`["${id}","Arn"]`);
  });

  test('the one of consumption shows what each service bills by', () => {
    const body = bodyOf(dev, 'retail-dev-consumption');
    for (const folder of ['parse', 'load', 'sweep', 'verify', 'migrate']) {
      expect(body).toContain(`${folder}Milliseconds / 1000`);
    }
    const names = [
      'BucketSizeBytes',
      'NumberOfEmptyReceives',
      'ServerlessDatabaseCapacity',
      'VolumeReadIOPs',
      'IncomingBytes',
    ];
    for (const name of names) expect(body).toContain(name);
  });
});
