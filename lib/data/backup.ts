import { ArnFormat, Duration, Fn, Stack } from 'aws-cdk-lib';
import {
  BackupPlan,
  BackupPlanRule,
  type BackupPlanRuleProps,
  BackupResource,
  BackupVault,
  CfnRestoreTestingPlan,
  CfnRestoreTestingSelection,
} from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { type IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import { backupVaultName, copyVaultName, LockedVault } from './backup-vault.ts';
import type { Database } from './database.ts';

/** Age of the newest backup that is restored. An older one means that backups have stopped. */
const RESTORE_WINDOW_DAYS = 7;
/** Hours after which a restored resource is deleted. */
const RESTORED_HOURS = 1;

export interface BackupProps {
  readonly settings: Settings;
  readonly database: Database;
  readonly uploadBucket: IBucket;
  /** Encrypts the vault. @default the key of AWS Backup */
  readonly key?: IKey | undefined;
}

/**
 * AWS Backup of the database and the bucket, in a locked vault: point-in-time recovery for the last weeks, daily and
 * monthly backups, and a restore test each month.
 */
export class Backup extends Construct {
  readonly vault: BackupVault;

  constructor(scope: Construct, id: string, { settings, database, uploadBucket, key }: BackupProps) {
    super(scope, id);
    this.vault = new LockedVault(this, 'Vault', {
      settings,
      name: backupVaultName(settings.stage),
      encryptionKey: key,
    });
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: `retail-${settings.stage}`,
      backupVault: this.vault,
      backupPlanRules: this.#rules(settings),
    });
    plan.addSelection('DatabaseAndBucket', {
      resources: [database.cluster.clusterArn, uploadBucket.bucketArn].map((arn) =>
        BackupResource.fromArn(arn),
      ),
      role: backupRole(this, 'Role', [
        'service-role/AWSBackupServiceRolePolicyForBackup',
        'AWSBackupServiceRolePolicyForS3Backup',
      ]),
      disableDefaultBackupPolicy: true,
    });
    const restoreRole = backupRole(this, 'RestoreRole', [
      'service-role/AWSBackupServiceRolePolicyForRestores',
      'AWSBackupServiceRolePolicyForS3Restore',
    ]);
    this.#testRestore(settings.stage, database, uploadBucket, restoreRole);
  }

  #rules(settings: Settings): BackupPlanRule[] {
    const { backupRetentionDays, backupDailyDays, backupMonthlyDays } = settings;
    const rule = (ruleName: string, scheduleExpression: Schedule, days: number, isCopied = true) =>
      new BackupPlanRule({
        ruleName,
        scheduleExpression,
        deleteAfter: Duration.days(days),
        // The copy of a continuous backup is a snapshot, which the daily rule copies already.
        ...(isCopied && this.#copyActions(settings, days)),
        enableContinuousBackup: !isCopied,
      });
    return [
      // This rule sets Aurora's own retention. The schedule updates it and must be shorter than the shortest retention
      // (AWS Backup developer guide, "Changing your retention period").
      rule('continuous', Schedule.cron({ hour: '*/12', minute: '0' }), backupRetentionDays, false),
      rule('daily', Schedule.cron({ hour: '3', minute: '0' }), backupDailyDays),
      rule('monthly', Schedule.cron({ day: '1', hour: '4', minute: '0' }), backupMonthlyDays),
    ];
  }

  #copyActions(
    { stage, backupCopyRegion }: Settings,
    days: number,
  ): Pick<BackupPlanRuleProps, 'copyActions'> {
    if (backupCopyRegion === undefined) return {};
    const arn = Stack.of(this).formatArn({
      service: 'backup',
      region: backupCopyRegion,
      resource: 'backup-vault',
      resourceName: copyVaultName(stage),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const destinationBackupVault = BackupVault.fromBackupVaultArn(this, `CopyVault${days}`, arn);
    return { copyActions: [{ destinationBackupVault, deleteAfter: Duration.days(days) }] };
  }

  /** Restores the newest backups once a month beside the existing resources, and deletes them again. */
  #testRestore(stage: string, database: Database, uploadBucket: IBucket, role: IRole): void {
    const scope = new Construct(this, 'RestoreTest');
    const plan = new CfnRestoreTestingPlan(scope, 'Plan', {
      // A name may have letters, digits and underscores only.
      restoreTestingPlanName: `retail_${stage}_restore_test`,
      scheduleExpression: 'cron(0 6 2 * ? *)',
      startWindowHours: 8,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        includeVaults: [this.vault.backupVaultArn],
        recoveryPointTypes: ['SNAPSHOT'],
        selectionWindowDays: RESTORE_WINDOW_DAYS,
      },
    });
    const select = (type: string, resourceArn: string, overrides?: Record<string, string>) => {
      const selection = new CfnRestoreTestingSelection(scope, type, {
        restoreTestingPlanName: plan.restoreTestingPlanName,
        restoreTestingSelectionName: type.toLowerCase(),
        protectedResourceType: type,
        protectedResourceArns: [resourceArn],
        iamRoleArn: role.roleArn,
        validationWindowHours: RESTORED_HOURS,
        ...(overrides && { restoreMetadataOverrides: overrides }),
      });
      selection.addResourceDependency(plan);
    };
    // By default AWS restores into the default network of the account, which may not exist and is not closed.
    select('Aurora', database.cluster.clusterArn, {
      dbSubnetGroupName: database.subnetGroupName,
      vpcSecurityGroupIds: Fn.join('', ['["', database.securityGroupId, '"]']),
    });
    select('S3', uploadBucket.bucketArn);
  }
}

/** Creates a role of AWS Backup with the policies that AWS documents (developer guide, "Managed policies"). */
function backupRole(scope: Construct, id: string, policyNames: readonly string[]): Role {
  const managedPolicies = policyNames.map((name) => ManagedPolicy.fromAwsManagedPolicyName(name));
  return new Role(scope, id, { assumedBy: new ServicePrincipal('backup.amazonaws.com'), managedPolicies });
}
