import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { alarmsOf, type TemplateAlarm } from './alarms.ts';
import { resourcesOf, type StageTemplates, stageTemplates } from './stage-templates.ts';

let dev: StageTemplates;
let prod: StageTemplates;

beforeAll(async () => {
  dev = await stageTemplates({ stage: 'dev' });
  prod = await stageTemplates({ stage: 'prod' });
});

const find = (stage: StageTemplates, heading: string): TemplateAlarm => {
  const alarm = alarmsOf(stage.operations).find((candidate) => candidate.heading === heading);
  if (alarm === undefined) throw new Error(`no alarm ${heading}`);
  return alarm;
};

describe('the thresholds of alarms are settings', () => {
  /** Numbers that nothing else has. */
  const changed = {
    'retail:alarmUploadAgeMinutes': 17,
    'retail:alarmUploadDepth': 1_234,
    'retail:alarmRowAgeMinutes': 199,
    'retail:alarmRowDepth': 4_321,
    'retail:alarmDurationPercent': 65,
    'retail:alarmRejectedPercent': 7.5,
    'retail:alarmAcuPercent': 83,
    'retail:alarmConnections': 77,
    'retail:alarmNoUploadHours': 13,
    'retail:sweepEveryMinutes': 100,
    'retail:verifyEveryHours': 12,
  };
  let stage: StageTemplates;
  beforeAll(async () => {
    stage = await stageTemplates({ stage: 'dev', ...changed });
  });

  test.each([
    ['alarmUploadAgeMinutes', 'Parse/QueueAge', 17 * 60, 30 * 60],
    ['alarmUploadDepth', 'Parse/QueueDepth', 1_234, 1_000],
    ['alarmRowAgeMinutes', 'Load/QueueAge', 199 * 60, 60 * 60],
    ['alarmRowDepth', 'Load/QueueDepth', 4_321, 10_000],
    ['alarmDurationPercent', 'Load/DurationNearLimit', 0.65 * 180_000, 0.8 * 180_000],
    ['alarmDurationPercent', 'Sweep/DurationNearLimit', 0.65 * 300_000, 0.8 * 300_000],
    ['alarmDurationPercent', 'Verify/DurationNearLimit', 0.65 * 600_000, 0.8 * 600_000],
    ['alarmDurationPercent', 'Schema/DurationNearLimit', 0.65 * 600_000, 0.8 * 600_000],
    ['alarmDurationPercent', 'Parse/DurationNearLimit', 0.93 * 900_000, 0.96 * 900_000],
    ['alarmRejectedPercent', 'Parse/RejectedShare', 7.5, 5],
    ['alarmAcuPercent', 'Database/CapacityNearLimit', 83, 90],
    ['alarmConnections', 'Database/Connections', 77, 200],
  ])('%s is that of %s', (_, heading, threshold, before) => {
    expect(find(stage, heading).threshold).toBe(threshold);
    expect(find(dev, heading).threshold).toBe(before);
  });

  test.each([
    ['alarmNoUploadHours', 'Parse/NoUpload', 13],
    ['alarmRowAgeMinutes, in hours,', 'Load/Stalled', 4],
    ['three times sweepEveryMinutes, in hours,', 'Sweep/NotRun', 5],
    ['verifyEveryHours and a grace', 'Verify/NotRun', 14],
  ])('%s are the hours that %s looks back', (_, heading, hours) => {
    const { periods, metrics } = find(stage, heading);
    expect([periods, metrics[0]?.periodSeconds]).toEqual([hours, 3_600]);
  });

  test('whoever wants no alarm without uploads has none', () => {
    expect(() => find(dev, 'Parse/NoUpload')).toThrow('no alarm');
    expect(find(prod, 'Parse/NoUpload').periods).toBe(24);
  });

  test('backups are watched where there are any, by the vault of the stage', () => {
    expect(() => find(dev, 'Backup/JobFailed')).toThrow('no alarm');
    expect(find(prod, 'Backup/JobFailed').metrics).toMatchObject([
      { namespace: 'AWS/Backup', dimensions: { BackupVaultName: 'retail-prod' } },
    ]);
  });
});

describe('what alarms read', () => {
  test('each metric of ours is emitted by the function that the alarm says', async () => {
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
        const folder = dimensions.service as string;
        expect(await emittedBy(folder), `${folder} emits ${name}`).toContain(name);
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

describe('missing data', () => {
  const headingsOf = (missingData: string) =>
    alarmsOf(prod.operations)
      .filter((alarm) => alarm.missingData === missingData)
      .map(({ heading }) => heading)
      .sort();

  test('is an alarm only where a run or an upload is expected, and not right after the first deployment', () => {
    expect(headingsOf('breaching')).toEqual(['Parse/NoUpload', 'Sweep/NotRun', 'Verify/NotRun']);
    for (const heading of headingsOf('breaching')) {
      const { properties, periods } = find(prod, heading);
      expect(properties.WarmUpConfiguration).toEqual({
        OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
        WarmUpPeriodDurationInMinutes: periods * 60,
      });
    }
  });

  test('leaves what the last run found as it is', () => {
    expect(headingsOf('ignore')).toEqual([
      'Sweep/LostObjects',
      'Sweep/StuckUploads',
      'Verify/LedgerDifferences',
      'Verify/StuckUploads',
    ]);
  });

  test('is no alarm elsewhere: an idle stage and a paused database emit nothing', () => {
    expect(headingsOf('notBreaching')).toHaveLength(alarmsOf(prod.operations).length - 7);
    expect(find(prod, 'Database/CapacityNearLimit').missingData).toBe('notBreaching');
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
    for (const folder of ['parser', 'consumer', 'sweeper', 'verifier', 'migrate']) {
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

/** Names of metrics in the sources of a function. */
async function emittedBy(folder: string): Promise<string[]> {
  const dir = new URL(`../../lambdas/${folder}/`, import.meta.url);
  const sources = (await readdir(dir)).filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all(sources.map((file) => readFile(new URL(file, dir), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(/addMetric\('(\w+)'/g)].map(([, name]) => name!));
}
