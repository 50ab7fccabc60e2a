import { beforeAll, describe, expect, test } from 'vitest';
import { METRICS } from '../../../lambdas/shared/metrics.ts';
import { capitalize } from '../../../lib/pipeline/function.ts';
import { findAlarm, readAlarms } from '../../support/alarms.ts';
import { FUNCTION_FOLDERS } from '../../support/function-folders.ts';
import { type SynthesizedStack, synthesizeApp, synthesizeStack } from '../../support/synthesized-app.ts';

let dev: SynthesizedStack;
let prod: SynthesizedStack;
/** Timeouts of the functions in seconds, by their folders. */
const timeouts = new Map<string, number>();

const synthesizeOperations = (settings: Readonly<Record<string, unknown>>) =>
  synthesizeStack('RetailOperations', { 'retail:monitoring': true, ...settings });

beforeAll(() => {
  dev = synthesizeOperations({ stage: 'dev' });
  prod = synthesizeOperations({ stage: 'prod' });
  for (const { Properties } of synthesizeStack('RetailPipeline', { stage: 'prod' }).ofType(
    'AWS::Lambda::Function',
  )) {
    const environment = Properties.Environment as { Variables: Record<string, string> } | undefined;
    timeouts.set(environment?.Variables.POWERTOOLS_SERVICE_NAME ?? '', Properties.Timeout as number);
  }
});

describe('every alarm of a stage', () => {
  const HOUR = 3_600;
  const FIVE_MINUTES = 300;

  /** The standard alarms of a function. The parser uses its timeout up to its checkpoint on purpose. */
  const forFunction = (folder: string) => {
    const stem = capitalize(folder);
    const share = folder === 'parse' ? 0.96 : 0.8;
    const max = Math.round(share * timeouts.get(folder)! * 1_000);
    return [
      [`${stem}/Errors`, 'Errors', 'Sum', HOUR, '>', 0, 1, 'notBreaching'],
      [`${stem}/Throttles`, 'Throttles', 'Sum', HOUR, '>', 0, 1, 'notBreaching'],
      [`${stem}/DurationNearLimit`, 'Duration', 'Maximum', FIVE_MINUTES, '>', max, 1, 'notBreaching'],
    ];
  };
  /** The alarms of the queue in front of a step. */
  const forQueue = (stem: string, maxAgeMinutes: number, maxDepth: number) => [
    [
      `${stem}/QueueAge`,
      'ApproximateAgeOfOldestMessage',
      'Maximum',
      FIVE_MINUTES,
      '>',
      maxAgeMinutes * 60,
      1,
      'notBreaching',
    ],
    [
      `${stem}/QueueDepth`,
      'FILL(visible, 0) + FILL(inFlight, 0)',
      'Maximum',
      FIVE_MINUTES,
      '>',
      maxDepth,
      3,
      'notBreaching',
    ],
    [`${stem}/Stalled`, 'IF(received > 0 AND deleted < 1, 1, 0)', 'Sum', HOUR, '>', 0, 2, 'notBreaching'],
    [
      `${stem}/DlqNotEmpty`,
      'ApproximateNumberOfMessagesVisible',
      'Maximum',
      FIVE_MINUTES,
      '>',
      0,
      1,
      'notBreaching',
    ],
  ];

  test('has its metric, statistic, period in seconds, operator, threshold, periods and treatment of missing data', () => {
    const operators: Record<string, string> = { GreaterThanThreshold: '>', LessThanThreshold: '<' };
    const rows = readAlarms(prod).map((alarm) => {
      const [first] = alarm.metrics;
      expect(alarm.properties.DatapointsToAlarm, alarm.heading).toBe(alarm.periods);
      return [
        alarm.heading,
        alarm.expression ?? first?.name,
        first?.statistic,
        first?.periodSeconds,
        operators[alarm.operator] ?? alarm.operator,
        alarm.threshold,
        alarm.periods,
        alarm.missingData,
      ];
    });
    const sorted = (table: unknown[][]) => table.sort((a, b) => String(a[0]).localeCompare(String(b[0])));
    expect(sorted(rows)).toEqual(
      sorted([
        ['Parse/NoUpload', 'UploadsParsed', 'Sum', HOUR, '<', 1, 24, 'breaching'],
        ['Parse/UploadsFailed', 'UploadsFailed', 'Sum', HOUR, '>', 0, 1, 'notBreaching'],
        [
          'Parse/RejectedShare',
          'IF(rejected >= 10, 100 * rejected / read, 0)',
          'Sum',
          HOUR,
          '>',
          5,
          1,
          'notBreaching',
        ],
        ...FUNCTION_FOLDERS.flatMap(forFunction),
        ['Api/ServerErrors', '100 * failed / requests', 'Sum', FIVE_MINUTES, '>', 5, 3, 'notBreaching'],
        ['Api/Latency', 'Latency', 'p99', FIVE_MINUTES, '>', 24_000, 3, 'notBreaching'],
        [
          'Api/WebSocketErrors',
          'FILL(integration, 0) + FILL(execution, 0)',
          'Sum',
          HOUR,
          '>',
          0,
          1,
          'notBreaching',
        ],
        ...forQueue('Collect', 15, 1_000),
        ...forQueue('Parse', 30, 1_000),
        ...forQueue('Load', 60, 10_000),
        ...forQueue('Notify', 60, 1_000),
        ['Database/CapacityNearLimit', 'ACUUtilization', 'Average', FIVE_MINUTES, '>', 90, 3, 'notBreaching'],
        ['Database/Connections', 'DatabaseConnections', 'Maximum', FIVE_MINUTES, '>', 200, 3, 'notBreaching'],
        ['Sweep/LostObjects', 'LostObjectsSent', 'Sum', FIVE_MINUTES, '>', 0, 1, 'ignore'],
        ['Sweep/StuckUploads', 'StuckUploadsSent', 'Sum', FIVE_MINUTES, '>', 0, 1, 'ignore'],
        ['Sweep/NotRun', 'LostObjectsSent', 'SampleCount', HOUR, '<', 1, 2, 'breaching'],
        ['Verify/LedgerDifferences', 'LedgerDifferences', 'Sum', FIVE_MINUTES, '>', 0, 1, 'ignore'],
        ['Verify/StuckUploads', 'StuckUploads', 'Sum', FIVE_MINUTES, '>', 0, 1, 'ignore'],
        ['Verify/NotRun', 'LedgerDifferences', 'SampleCount', HOUR, '<', 1, 26, 'breaching'],
        [
          'Backup/JobFailed',
          'FILL(backups, 0) + FILL(copies, 0) + FILL(restores, 0)',
          'Sum',
          HOUR,
          '>',
          0,
          1,
          'notBreaching',
        ],
        [
          'Backup/JobNotStarted',
          'FILL(expired, 0) + FILL(aborted, 0)',
          'Sum',
          HOUR,
          '>',
          0,
          1,
          'notBreaching',
        ],
        ['Backup/AuroraNotRun', 'NumberOfBackupJobsCompleted', 'Sum', HOUR, '<', 1, 34, 'breaching'],
        ['Backup/S3NotRun', 'NumberOfBackupJobsCompleted', 'Sum', HOUR, '<', 1, 34, 'breaching'],
      ]),
    );
  });

  test('sends a message to the same topic when it starts and when it ends', () => {
    for (const { heading, properties } of readAlarms(prod)) {
      expect(properties.OKActions, heading).toEqual(properties.AlarmActions);
    }
  });

  test('looks back no longer than CloudWatch allows', () => {
    const rare = {
      'retail:verifyEveryHours': 168,
      'retail:sweepEveryMinutes': 1_440,
      'retail:alarmRowAgeMinutes': 9_000,
    };
    for (const operations of [dev, prod, synthesizeOperations({ stage: 'prod', ...rare })]) {
      for (const { heading, periods, metrics } of readAlarms(operations)) {
        for (const { periodSeconds } of metrics) {
          const maxSeconds = periodSeconds < HOUR ? 86_400 : 604_800;
          expect(periods * periodSeconds, heading).toBeLessThanOrEqual(maxSeconds);
        }
      }
    }
  });

  test('that watches for silence waits for the first run of a new stage', () => {
    for (const { heading, periods, missingData, properties } of readAlarms(prod)) {
      expect(properties.WarmUpConfiguration, heading).toEqual(
        missingData === 'breaching'
          ? { OnlyStartEvaluatingAfterWarmUpPeriodEnds: true, WarmUpPeriodDurationInMinutes: periods * 60 }
          : undefined,
      );
    }
  });
});

describe('the metrics of alarms', () => {
  test('of the functions are written by the function that the alarm names, in the namespace of the stage', () => {
    for (const [stage, operations] of Object.entries({ dev, prod })) {
      const pipeline = synthesizeApp({ stage, 'retail:monitoring': true }).find(
        ({ id }) => id === 'RetailPipeline',
      )!;
      const environments = pipeline
        .ofType('AWS::Lambda::Function')
        .map(({ Properties }) => (Properties.Environment as { Variables: object } | undefined)?.Variables);
      const metrics = readAlarms(operations)
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

  test('of missing files are counted by store, for the stores with a deadline', () => {
    const stage = synthesizeOperations({
      stage: 'dev',
      'retail:stores': 'oslo,bergen,main',
      'retail:deadlines': [{ time: '22:00', timeZone: 'Europe/Oslo', stores: ['oslo', 'bergen'] }],
    });
    const found = readAlarms(stage).filter(({ heading }) => heading === 'Verify/MissingStoreDays');
    expect(found.map(({ name, metrics }) => [name, metrics[0]!.name, metrics[0]!.dimensions])).toEqual(
      ['oslo', 'bergen'].map((Store) => [
        `retail-dev/Verify/MissingStoreDays (${Store})`,
        'MissingStoreDays',
        { service: 'verify', Store },
      ]),
    );
  });

  test('of 150 stores fit into the stack and its dashboard', () => {
    const stores = Array.from({ length: 150 }, (_, index) => `store-${index}`);
    const deadlines = [{ time: '22:00', timeZone: 'Europe/Oslo' }];
    const stage = synthesizeOperations({
      stage: 'prod',
      'retail:stores': stores,
      'retail:deadlines': deadlines,
    });
    expect(stage.resources.length).toBeLessThanOrEqual(500);
    const [dashboard] = stage
      .ofType('AWS::CloudWatch::Dashboard')
      .map(({ Properties }) => JSON.stringify(Properties));
    for (const [, alarms = ''] of dashboard!.matchAll(/\\"alarms\\":\[(.*?)\]\}/g)) {
      expect(alarms.split('Fn::GetAtt').length - 1).toBeLessThanOrEqual(100);
    }
  });

  test('of AWS belong to a resource of the same stage', () => {
    for (const [stage, operations] of Object.entries({ dev, prod })) {
      for (const { heading, metrics } of readAlarms(operations)) {
        for (const { namespace, dimensions } of metrics) {
          const text = JSON.stringify([namespace, dimensions]);
          expect(text, heading).toMatch(new RegExp(`retail-${stage}|RetailPipeline/${stage}"`));
        }
      }
    }
  });

  test('of a queue count a message that waits for its retry', () => {
    const names = findAlarm(prod, 'Load/QueueDepth').metrics.map(({ name }) => name);
    expect(names).toEqual(['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible']);
  });

  test('of the APIs are those of API Gateway, and exist only with the API', () => {
    const metricsOf = (heading: string) =>
      findAlarm(prod, heading).metrics.map(({ namespace, name, dimensions }) => [
        `${namespace}/${name}`,
        ...Object.entries(dimensions).map(
          ([key, value]) => `${key}=${/Api(Http|WebSocket)/.exec(JSON.stringify(value))?.[1]}`,
        ),
      ]);
    expect(metricsOf('Api/ServerErrors')).toEqual([
      ['AWS/ApiGateway/5xx', 'ApiId=Http'],
      ['AWS/ApiGateway/Count', 'ApiId=Http'],
    ]);
    expect(metricsOf('Api/Latency')).toEqual([['AWS/ApiGateway/Latency', 'ApiId=Http']]);
    expect(metricsOf('Api/WebSocketErrors')).toEqual([
      ['AWS/ApiGateway/IntegrationError', 'ApiId=WebSocket'],
      ['AWS/ApiGateway/ExecutionError', 'ApiId=WebSocket'],
    ]);
    const headings = readAlarms(synthesizeOperations({ stage: 'prod', 'retail:api': false })).map(
      ({ heading }) => heading,
    );
    expect(headings.filter((heading) => /^(Api|Authorize|Collect)\//.test(heading))).toEqual([]);
  });

  test('of the backups are those of the stage’s vault, and exist only with a backup plan', () => {
    expect(() => findAlarm(dev, 'Backup/JobFailed')).toThrow('no alarm');
    const vault = { BackupVaultName: 'retail-prod-backup' };
    const metricsOf = (heading: string) =>
      findAlarm(prod, heading).metrics.map(({ namespace, name, dimensions }) => [
        namespace,
        name,
        dimensions,
      ]);
    expect(metricsOf('Backup/JobFailed')).toEqual([
      ['AWS/Backup', 'NumberOfBackupJobsFailed', vault],
      ['AWS/Backup', 'NumberOfCopyJobsFailed', vault],
      ['AWS/Backup', 'NumberOfRestoreJobsFailed', vault],
    ]);
    expect(metricsOf('Backup/JobNotStarted')).toEqual([
      ['AWS/Backup', 'NumberOfBackupJobsExpired', vault],
      ['AWS/Backup', 'NumberOfBackupJobsAborted', vault],
    ]);
    for (const ResourceType of ['Aurora', 'S3']) {
      expect(metricsOf(`Backup/${ResourceType}NotRun`)).toEqual([
        ['AWS/Backup', 'NumberOfBackupJobsCompleted', { ...vault, ResourceType }],
      ]);
    }
  });
});

describe('the thresholds of alarms are settings', () => {
  /** Values that differ from every default. */
  const changed = {
    'retail:alarmUploadAgeMinutes': 17,
    'retail:alarmUploadDepth': 1_234,
    'retail:alarmRowAgeMinutes': 199,
    'retail:alarmRowDepth': 4_321,
    'retail:alarmCallAgeMinutes': 23,
    'retail:alarmCallDepth': 2_345,
    'retail:alarmApiErrorPercent': 2.5,
    'retail:alarmDurationPercent': 65,
    'retail:alarmRejectedPercent': 7.5,
    'retail:alarmAcuPercent': 83,
    'retail:alarmConnections': 77,
    'retail:alarmNoUploadHours': 13,
    'retail:sweepEveryMinutes': 100,
    'retail:verifyEveryHours': 12,
  };
  let stage: SynthesizedStack;
  beforeAll(() => {
    stage = synthesizeOperations({ stage: 'dev', ...changed });
  });

  test.each([
    ['alarmUploadAgeMinutes', 'Parse/QueueAge', 17 * 60],
    ['alarmUploadDepth', 'Parse/QueueDepth', 1_234],
    ['alarmRowAgeMinutes', 'Load/QueueAge', 199 * 60],
    ['alarmRowDepth', 'Load/QueueDepth', 4_321],
    ['alarmCallAgeMinutes', 'Collect/QueueAge', 23 * 60],
    ['alarmCallDepth', 'Collect/QueueDepth', 2_345],
    ['alarmApiErrorPercent', 'Api/ServerErrors', 2.5],
    ['alarmDurationPercent', 'Api/Latency', 0.65 * 30_000],
    ['alarmDurationPercent', 'Load/DurationNearLimit', 0.65 * 180_000],
    ['alarmDurationPercent', 'Sweep/DurationNearLimit', 0.65 * 300_000],
    ['alarmDurationPercent', 'Migrate/DurationNearLimit', 0.65 * 840_000],
    ['alarmDurationPercent', 'Parse/DurationNearLimit', 0.93 * 900_000],
    ['alarmRejectedPercent', 'Parse/RejectedShare', 7.5],
    ['alarmAcuPercent', 'Database/CapacityNearLimit', 83],
    ['alarmConnections', 'Database/Connections', 77],
  ])('%s sets the threshold of %s', (_, heading, threshold) => {
    expect(findAlarm(stage, heading).threshold).toBe(threshold);
  });

  test.each([
    ['alarmNoUploadHours', 'Parse/NoUpload', 13],
    ['alarmRowAgeMinutes, in hours,', 'Load/Stalled', 4],
    ['three times sweepEveryMinutes, in hours,', 'Sweep/NotRun', 5],
    ['verifyEveryHours and two hours more', 'Verify/NotRun', 14],
  ])('%s is the time that %s looks back', (_, heading, hours) => {
    const { periods, metrics } = findAlarm(stage, heading);
    expect([periods, metrics[0]?.periodSeconds]).toEqual([hours, 3_600]);
  });

  test('a stage without alarmNoUploadHours has no alarm for missing uploads', () => {
    expect(() => findAlarm(dev, 'Parse/NoUpload')).toThrow('no alarm');
  });
});
