import { beforeAll, describe, expect, test } from 'vitest';
import { type SynthesizedStack, synthesizeStack } from '../../support/synthesized-app.ts';

const PRINCIPAL = 'arn:aws:quicksight:eu-west-1:123456789012:group/default/analysts';
const DIRECT = { 'retail:quicksightPrincipalArn': PRINCIPAL };
const SPICE = { ...DIRECT, 'retail:quicksightImport': 'spice', 'retail:quicksightRefreshTime': '05:30' };
const isQuickSight = ({ Type }: { Type: string }) => Type.startsWith('AWS::QuickSight::');

describe.each(['dev', 'prod'])('analytics of the stage %s', (stage) => {
  let without: SynthesizedStack;
  let direct: SynthesizedStack;
  let spice: SynthesizedStack;
  beforeAll(async () => {
    without = await synthesizeStack('RetailAnalytics', { stage });
    direct = await synthesizeStack('RetailAnalytics', { stage, ...DIRECT });
    spice = await synthesizeStack('RetailAnalytics', { stage, ...SPICE });
  });

  test('has no QuickSight without a user or group, and prints the setting', () => {
    expect(without.resources.filter(isQuickSight)).toEqual([]);
    expect(without.resources.map(({ Type }) => Type)).not.toContain('AWS::EC2::SecurityGroup');
    expect(without.messages).toEqual([expect.stringContaining('set retail:quicksightPrincipalArn')]);
    expect(direct.messages).toEqual([]);
  });

  test('has files and queries with and without QuickSight', () => {
    for (const stack of [without, direct]) {
      expect(stack.ofType('AWS::Glue::Table')).toHaveLength(4);
      expect(stack.ofType('AWS::Athena::WorkGroup')).toHaveLength(1);
    }
  });

  test('waits for the migrations only where QuickSight reads the views', () => {
    expect([...without.dependencies].sort()).toEqual(['RetailData']);
    expect([...direct.dependencies].sort()).toEqual(['RetailData', 'RetailPipeline']);
  });

  test('queries the database each time, or refreshes SPICE once a day', () => {
    const modes = (stack: SynthesizedStack) =>
      new Set(stack.ofType('AWS::QuickSight::DataSet').map(({ Properties }) => Properties.ImportMode));
    expect(modes(direct)).toEqual(new Set(['DIRECT_QUERY']));
    expect(direct.ofType('AWS::QuickSight::RefreshSchedule')).toEqual([]);
    expect(modes(spice)).toEqual(new Set(['SPICE']));
    const schedules = spice.ofType('AWS::QuickSight::RefreshSchedule');
    const dataSetIds = spice.ofType('AWS::QuickSight::DataSet').map(({ Properties }) => Properties.DataSetId);
    expect(schedules.map(({ Properties }) => Properties.DataSetId)).toEqual(dataSetIds);
    for (const { Properties } of schedules) {
      expect(Properties.Schedule).toMatchObject({
        RefreshType: 'FULL_REFRESH',
        ScheduleFrequency: { Interval: 'DAILY', TimeOfTheDay: '05:30', TimeZone: 'UTC' },
      });
    }
  });

  test('has the stage in every id, because an account lists the QuickSight resources of all stages together', () => {
    const ids = spice.resources.filter(isQuickSight).map(({ Properties }) => {
      const { VPCConnectionId, DataSourceId, DataSetId, DashboardId } = Properties;
      return String(VPCConnectionId ?? DataSourceId ?? DataSetId ?? DashboardId);
    });
    expect(ids).toHaveLength(19);
    for (const id of ids) expect(id).toMatch(new RegExp(`^retail-${stage}(-|$)`));
    const names = [
      ...spice.ofType('AWS::Athena::WorkGroup').map(({ Properties }) => Properties.Name),
      ...spice
        .ofType('AWS::Glue::Database')
        .map(({ Properties }) => (Properties.DatabaseInput as { Name: string }).Name),
    ];
    expect(names).toEqual([`retail-${stage}`, `retail_${stage}`]);
  });

  test('deploys each QuickSight resource after everything that it needs', () => {
    const needs = (type: string, needed: readonly string[]) => {
      for (const resource of spice.ofType(type)) {
        const types = (resource.DependsOn ?? []).map(
          (id) => spice.resources.find(({ logicalId }) => logicalId === id)!.Type,
        );
        expect(types, resource.logicalId).toEqual(expect.arrayContaining([...needed]));
      }
    };
    needs('AWS::QuickSight::VPCConnection', [
      'AWS::IAM::ManagedPolicy',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::EC2::SecurityGroupEgress',
    ]);
    needs('AWS::QuickSight::DataSource', ['AWS::QuickSight::VPCConnection', 'AWS::IAM::ManagedPolicy']);
    needs('AWS::QuickSight::DataSet', ['AWS::QuickSight::DataSource']);
    needs('AWS::QuickSight::RefreshSchedule', ['AWS::QuickSight::DataSet']);
    needs('AWS::QuickSight::Dashboard', ['AWS::QuickSight::DataSet']);
  });

  test('allows the principal to view, and not to change, the resources', () => {
    const permitted = spice.resources.filter(({ Properties }) => 'Permissions' in Properties);
    expect(permitted.map(({ Type }) => Type).sort()).toEqual([
      'AWS::QuickSight::Dashboard',
      ...Array(8).fill('AWS::QuickSight::DataSet'),
      'AWS::QuickSight::DataSource',
    ]);
    for (const { Properties } of permitted) {
      const permissions = Properties.Permissions as { Principal: string; Actions: string[] }[];
      expect(permissions.map(({ Principal }) => Principal)).toEqual([PRINCIPAL]);
      for (const action of permissions[0]!.Actions) {
        expect(action).toMatch(/^quicksight:(Describe|List|Query|Pass)/);
      }
    }
  });
});
