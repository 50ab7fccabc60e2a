import { readFile } from 'node:fs/promises';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { synthesizeApp } from '../../support/synthesized-app.ts';

type Templates = ReturnType<typeof synthesize>;
const synthesized = new Map<string, Templates>();

/** The templates of a stage, without bundles. */
function templatesOf(stage: string, settings: Record<string, unknown> = {}): Templates {
  const key = JSON.stringify([stage, settings]);
  const templates = synthesized.get(key) ?? synthesize(stage, settings);
  synthesized.set(key, templates);
  return templates;
}

function synthesize(stage: string, settings: Record<string, unknown>) {
  const stacks = synthesizeApp({ stage, ...settings });
  const stack = (id: string) => {
    const artifact = stacks.find(({ id: of }) => of === id);
    return artifact && { template: Template.fromJSON(structuredClone(artifact.template)), artifact };
  };
  return { data: stack('RetailData')!, pipeline: stack('RetailPipeline')!, copy: stack('RetailBackupCopy') };
}

const WITH_COPY = { 'retail:region': 'eu-central-1', 'retail:backupCopyRegion': 'eu-west-1' };

interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have every shape
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type) as Record<string, Resource>);
const one = (template: Template, type: string) => {
  const found = resourcesOf(template, type);
  expect(found).toHaveLength(1);
  return { id: found[0]![0], ...found[0]![1] };
};
interface PlanRule {
  readonly Lifecycle: { readonly DeleteAfterDays: number };
  readonly CopyActions?: readonly {
    readonly Lifecycle: object;
    readonly DestinationBackupVaultArn: object;
  }[];
}
const rulesOf = (template: Template): PlanRule[] =>
  one(template, 'AWS::Backup::BackupPlan').Properties.BackupPlan.BackupPlanRule;
const keyOf = (template: Template, description: string) =>
  resourcesOf(template, 'AWS::KMS::Key').find(([, { Properties }]) =>
    Properties.Description.includes(description),
  )![0];

test('a stage without a backup plan has no backup resources', () => {
  const { data, pipeline, copy } = templatesOf('dev');
  expect(
    Object.keys(data.template.toJSON().Resources as object).filter((id) => id.startsWith('Backup')),
  ).toEqual([]);
  const { NotificationConfiguration } = one(pipeline.template, 'Custom::S3BucketNotifications').Properties;
  expect(Object.keys(NotificationConfiguration)).toEqual(['QueueConfigurations']);
  expect(copy).toBeUndefined();
});

describe('the vault', () => {
  test('has the name and the key of its stage, and outlives a protected stack', () => {
    const { template } = templatesOf('prod').data;
    const { Properties, DeletionPolicy } = one(template, 'AWS::Backup::BackupVault');
    expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(Properties).toMatchObject({
      BackupVaultName: 'retail-prod-backup',
      EncryptionKeyArn: { 'Fn::GetAtt': [keyOf(template, 'files, messages'), 'Arn'] },
    });
  });

  test('uses the key of AWS Backup in a stage with service keys', () => {
    const { template } = templatesOf('prod', { 'retail:encryption': 'service-keys' }).data;
    expect(one(template, 'AWS::Backup::BackupVault').Properties).not.toHaveProperty('EncryptionKeyArn');
  });

  test('refuses to delete a backup or to shorten its retention', () => {
    const { Properties } = one(templatesOf('prod').data.template, 'AWS::Backup::BackupVault');
    expect(Properties.AccessPolicy.Statement).toEqual([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle'],
        Resource: '*',
      },
    ]);
  });

  test('has a lock that covers the retention of every rule', () => {
    const { template } = templatesOf('prod').data;
    const { LockConfiguration: lock } = one(template, 'AWS::Backup::BackupVault').Properties;
    expect(lock).toEqual({ MinRetentionDays: 35, MaxRetentionDays: 365 });
    for (const { Lifecycle } of rulesOf(template)) {
      expect(Lifecycle.DeleteAfterDays).toBeGreaterThanOrEqual(lock.MinRetentionDays);
      expect(Lifecycle.DeleteAfterDays).toBeLessThanOrEqual(lock.MaxRetentionDays);
    }
  });

  test('cannot be unlocked after the days of grace, if they are set', () => {
    const { template } = templatesOf('prod', { 'retail:backupLockGraceDays': 7 }).data;
    const { Properties } = one(template, 'AWS::Backup::BackupVault');
    expect(Properties.LockConfiguration).toMatchObject({ ChangeableForDays: 7 });
  });
});

describe('the plan', () => {
  test('has continuous, daily and monthly backups in one vault', () => {
    const { template } = templatesOf('prod').data;
    const vault = { 'Fn::GetAtt': [one(template, 'AWS::Backup::BackupVault').id, 'BackupVaultName'] };
    expect(rulesOf(template)).toEqual([
      expect.objectContaining({
        RuleName: 'continuous',
        EnableContinuousBackup: true,
        Lifecycle: { DeleteAfterDays: 35 },
        TargetBackupVault: vault,
      }),
      expect.objectContaining({
        RuleName: 'daily',
        ScheduleExpression: 'cron(0 3 * * ? *)',
        Lifecycle: { DeleteAfterDays: 35 },
        TargetBackupVault: vault,
      }),
      expect.objectContaining({
        RuleName: 'monthly',
        ScheduleExpression: 'cron(0 15 1 * ? *)',
        Lifecycle: { DeleteAfterDays: 365 },
        TargetBackupVault: vault,
      }),
    ]);
  });

  test('has the retention of the cluster in its continuous rule', () => {
    const { template } = templatesOf('prod', { 'retail:backupRetentionDays': 20 }).data;
    expect(rulesOf(template)[0]!.Lifecycle.DeleteAfterDays).toBe(20);
    expect(one(template, 'AWS::RDS::DBCluster').Properties.BackupRetentionPeriod).toBe(20);
  });

  test('selects the cluster and the bucket by their ARNs, and nothing by a pattern', () => {
    const { template } = templatesOf('prod').data;
    const { Resources, ...others } = one(template, 'AWS::Backup::BackupSelection').Properties.BackupSelection;
    expect(Resources).toHaveLength(2);
    expect(JSON.stringify(Resources[0])).toContain(one(template, 'AWS::RDS::DBCluster').id);
    expect(Resources[1]).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^UploadBucket[0-9A-F]{8}$/), 'Arn'],
    });
    expect(others).not.toHaveProperty('ListOfTags');
    expect(JSON.stringify(Resources)).not.toContain('*');
  });

  test('has a role for backups and a role for restores, with the policies for Aurora and S3 only', () => {
    const { template } = templatesOf('prod').data;
    const policies = resourcesOf(template, 'AWS::IAM::Role')
      .filter(([, { Properties }]) => JSON.stringify(Properties).includes('backup.amazonaws.com'))
      .map(([, { Properties }]) =>
        Properties.ManagedPolicyArns.map((arn: object) => /AWSBackup\w+/.exec(JSON.stringify(arn))![0]),
      );
    expect(policies).toEqual([
      ['AWSBackupServiceRolePolicyForBackup', 'AWSBackupServiceRolePolicyForS3Backup'],
      ['AWSBackupServiceRolePolicyForRestores', 'AWSBackupServiceRolePolicyForS3Restore'],
    ]);
  });
});

describe('the bucket', () => {
  test('has versions and sends events to EventBridge, as backups of S3 require', () => {
    const { data, pipeline } = templatesOf('prod');
    data.template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
    });
    pipeline.template.hasResourceProperties('Custom::S3BucketNotifications', {
      Managed: false,
      NotificationConfiguration: { EventBridgeConfiguration: {}, QueueConfigurations: Match.anyValue() },
    });
  });
});

describe('the copy in another region', () => {
  test('copies daily and monthly backups with their retention, and not the continuous one', () => {
    const { data } = templatesOf('prod', WITH_COPY);
    const [continuous, daily, monthly] = rulesOf(data.template);
    expect(continuous).not.toHaveProperty('CopyActions');
    for (const [rule, days] of [
      [daily, 35],
      [monthly, 365],
    ] as const) {
      expect(rule!.CopyActions).toHaveLength(1);
      const { Lifecycle, DestinationBackupVaultArn } = rule!.CopyActions![0]!;
      expect(Lifecycle).toEqual({ DeleteAfterDays: days });
      expect(JSON.stringify(DestinationBackupVaultArn)).toContain(':backup-vault:retail-prod-backup-copy');
      expect(JSON.stringify(DestinationBackupVaultArn)).toContain(':eu-west-1:');
    }
  });

  test('goes to a locked vault with its own key, in a stack of that region that is deployed first', () => {
    const { data, copy } = templatesOf('prod', WITH_COPY);
    expect(copy!.artifact).toMatchObject({
      stackName: 'retail-prod-backup-copy',
      terminationProtection: true,
      region: 'eu-west-1',
    });
    expect(data.artifact.dependencies).toContain(copy!.artifact.id);
    expect(one(copy!.template, 'AWS::Backup::BackupVault').Properties).toMatchObject({
      BackupVaultName: 'retail-prod-backup-copy',
      EncryptionKeyArn: { 'Fn::GetAtt': [keyOf(copy!.template, 'copies of the backups'), 'Arn'] },
      LockConfiguration: { MinRetentionDays: 35, MaxRetentionDays: 365 },
    });
    expect(one(copy!.template, 'AWS::KMS::Key').Properties.EnableKeyRotation).toBe(true);
  });

  test('needs no key in a stage with service keys', () => {
    const { copy } = templatesOf('prod', { ...WITH_COPY, 'retail:encryption': 'service-keys' });
    expect(resourcesOf(copy!.template, 'AWS::KMS::Key')).toEqual([]);
  });
});

describe('the restore test', () => {
  test('restores the newest backup of the cluster each month, and that of the bucket each quarter', () => {
    const { template } = templatesOf('prod').data;
    const plans = resourcesOf(template, 'AWS::Backup::RestoreTestingPlan').map(
      ([, { Properties }]) => Properties,
    );
    expect(plans.map((plan) => [plan.RestoreTestingPlanName, plan.ScheduleExpression])).toEqual([
      ['retail_prod_restore_aurora', 'cron(0 6 2 * ? *)'],
      ['retail_prod_restore_s3', 'cron(0 6 2 1,4,7,10 ? *)'],
    ]);
    for (const plan of plans) {
      expect(plan.RecoveryPointSelection).toMatchObject({
        Algorithm: 'LATEST_WITHIN_WINDOW',
        RecoveryPointTypes: ['SNAPSHOT'],
        IncludeVaults: [{ 'Fn::GetAtt': [one(template, 'AWS::Backup::BackupVault').id, 'BackupVaultArn'] }],
      });
    }
  });

  test('restores the cluster into its own closed network, and the bucket', () => {
    const { template } = templatesOf('prod').data;
    const selections = resourcesOf(template, 'AWS::Backup::RestoreTestingSelection').map(
      ([, { Properties }]) => Properties,
    );
    expect(selections.map(({ ProtectedResourceType }) => ProtectedResourceType)).toEqual(['Aurora', 'S3']);
    for (const { ProtectedResourceArns } of selections) {
      expect(ProtectedResourceArns).toHaveLength(1);
      expect(JSON.stringify(ProtectedResourceArns)).not.toContain('*');
    }
    const { dbSubnetGroupName, vpcSecurityGroupIds } = selections[0]!.RestoreMetadataOverrides;
    expect(dbSubnetGroupName).toEqual({ Ref: one(template, 'AWS::RDS::DBSubnetGroup').id });
    const [, parts] = vpcSecurityGroupIds['Fn::Join'];
    const group = one(template, 'AWS::EC2::SecurityGroup').id;
    expect(parts).toEqual(['["', { 'Fn::GetAtt': [group, 'GroupId'] }, '"]']);
  });
});

test('every resource and output that docs/restore.md looks up exists exactly once', async () => {
  const text = await readFile(new URL('../../../docs/restore.md', import.meta.url), 'utf8');
  const { data, pipeline } = templatesOf('prod');
  const stacks = { 'retail-prod-data': data, 'retail-prod-pipeline': pipeline } as const;
  const lookups = [...text.matchAll(/\$\(resource (\S+) (\w+) (AWS::\w+::\w+)\)/g)];
  expect(lookups.length).toBeGreaterThan(6);
  for (const [lookup, stack, prefix, type] of lookups) {
    const { template } = stacks[stack as keyof typeof stacks];
    const ids = resourcesOf(template, type!).map(([id]) => id);
    expect(
      ids.filter((id) => id.startsWith(prefix!)),
      lookup,
    ).toHaveLength(1);
  }
  for (const [, stack, output] of text.matchAll(/\$\(output (\S+) (\w+)\)/g)) {
    expect(stacks[stack as keyof typeof stacks].template.findOutputs(output!)).not.toEqual({});
  }
});
