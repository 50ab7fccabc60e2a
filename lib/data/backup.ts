import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  BackupPlan,
  type BackupPlanCopyActionProps,
  BackupPlanRule,
  BackupResource,
  BackupVault,
} from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { type IManagedPolicy, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import { backupVaultName } from './backup-vault-name.ts';
import type { Database } from './database.ts';
import { copyVaultName, LockedVault } from './locked-vault.ts';
import { RestoreTest } from './restore-test.ts';

export interface BackupProps {
  readonly settings: Settings;
  readonly database: Database;
  readonly uploadBucket: IBucket;
  /** Encrypts the vault. @default the key of AWS Backup */
  readonly key?: IKey | undefined;
}

/**
 * AWS Backup of database and bucket: back to any second of the last weeks, a copy of each day and one of each month, in a
 * vault that is locked, and a restore each month to see that it can be done.
 */
export class Backup extends Construct {
  readonly vault: BackupVault;

  constructor(scope: Construct, id: string, { settings, database, uploadBucket, key }: BackupProps) {
    super(scope, id);
    this.vault = new LockedVault(this, 'Vault', {
      settings,
      name: backupVaultName(settings),
      encryptionKey: key,
    });
    const plan = new BackupPlan(this, 'Plan', {
      backupPlanName: `retail-${settings.stage}`,
      backupVault: this.vault,
      backupPlanRules: this.#rules(settings),
    });
    const resourceArns = { cluster: database.cluster.clusterArn, bucket: uploadBucket.bucketArn };
    plan.addSelection('DatabaseAndBucket', {
      resources: Object.values(resourceArns).map((arn) => BackupResource.fromArn(arn)),
      role: backupRole(this, 'Role', [
        'service-role/AWSBackupServiceRolePolicyForBackup',
        'AWSBackupServiceRolePolicyForS3Backup',
      ]),
      disableDefaultBackupPolicy: true,
    });
    new RestoreTest(this, 'RestoreTest', {
      settings,
      database,
      vault: this.vault,
      resourceArns,
      role: backupRole(this, 'RestoreRole', [
        'service-role/AWSBackupServiceRolePolicyForRestores',
        'AWSBackupServiceRolePolicyForS3Restore',
      ]),
    });
  }

  #rules(settings: Settings): BackupPlanRule[] {
    const { backupRetentionDays, backupDailyDays, backupMonthlyDays } = settings;
    const rule = (ruleName: string, scheduleExpression: Schedule, days: number, isCopied = true) =>
      new BackupPlanRule({
        ruleName,
        scheduleExpression,
        deleteAfter: Duration.days(days),
        // The copy of a continuous backup would be a snapshot, which the daily rule copies already.
        ...(isCopied && this.#copyActions(settings, days)),
        enableContinuousBackup: !isCopied,
      });
    return [
      // As long as Aurora's own retention, which this rule sets. The schedule keeps it up to date, and has to be shorter
      // than the shortest retention (AWS Backup developer guide, "Changing your retention period").
      rule('continuous', Schedule.cron({ hour: '*/12', minute: '0' }), backupRetentionDays, false),
      rule('daily', Schedule.cron({ hour: '3', minute: '0' }), backupDailyDays),
      rule('monthly', Schedule.cron({ day: '1', hour: '4', minute: '0' }), backupMonthlyDays),
    ];
  }

  #copyActions(
    { stage, backupCopyRegion }: Settings,
    days: number,
  ): { copyActions?: BackupPlanCopyActionProps[] } {
    if (backupCopyRegion === undefined) return {};
    const arn = Stack.of(this).formatArn({
      service: 'backup',
      region: backupCopyRegion,
      resource: 'backup-vault',
      resourceName: copyVaultName(stage),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const id = `CopyVault${days}`;
    const destinationBackupVault = BackupVault.fromBackupVaultArn(this, id, arn);
    return { copyActions: [{ destinationBackupVault, deleteAfter: Duration.days(days) }] };
  }
}

/** A role that AWS Backup takes on, with the policies that it documents (developer guide, "Managed policies"). */
function backupRole(scope: Construct, id: string, policyNames: readonly string[]): Role {
  const managedPolicies = policyNames.map(
    (name): IManagedPolicy => ManagedPolicy.fromAwsManagedPolicyName(name),
  );
  return new Role(scope, id, { assumedBy: new ServicePrincipal('backup.amazonaws.com'), managedPolicies });
}
