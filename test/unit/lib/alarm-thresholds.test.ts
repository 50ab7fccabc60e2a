import { beforeAll, describe, expect, test } from 'vitest';
import { alarmsOf, findAlarm as find } from '../../support/alarms.ts';
import { type StageTemplates, stageTemplates } from '../../support/stage-templates.ts';

let dev: StageTemplates;
let prod: StageTemplates;

beforeAll(async () => {
  dev = await stageTemplates({ stage: 'dev' });
  prod = await stageTemplates({ stage: 'prod' });
});

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
    ['alarmDurationPercent', 'Schema/DurationNearLimit', 0.65 * 840_000, 0.8 * 840_000],
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
      { namespace: 'AWS/Backup', dimensions: { BackupVaultName: 'retail-prod-backup' } },
    ]);
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
