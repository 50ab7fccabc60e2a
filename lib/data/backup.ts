import { Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { type IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import type { Database } from './database.ts';

/** Age of the newest backup that is restored. An older one means that backups have stopped. */
const RESTORE_WINDOW_DAYS = 7;
/** Hours after which a restored resource is deleted. */
const RESTORED_HOURS = 1;

/** Name of the vault that keeps a stage's backups; a dimension of its metrics. */
export function backupVaultName(stage: string): string {
  return `retail-${stage}-backup`;
}

function copyVaultName(stage: string): string {
  return `${backupVaultName(stage)}-copy`;
}

/**
 * Creates a vault whose backups cannot be deleted before their retention ends. Its lock is in governance mode, which a
 * caller with the permission can remove, or, if days of grace are set, in compliance mode, which is final after these days.
 * @param encryptionKey by default the key of AWS Backup
 */
function createLockedVault(scope: Construct, settings: Settings, name: string, encryptionKey?: IKey) {
  const { backupRetentionDays, backupDailyDays, backupMonthlyDays, backupLockGraceDays } = settings;
  const days = [backupRetentionDays, backupDailyDays, backupMonthlyDays];
  return new backup.BackupVault(scope, 'Vault', {
    backupVaultName: name,
    ...(encryptionKey && { encryptionKey }),
    blockRecoveryPointDeletion: true,
    // A backup with a shorter or longer retention fails: the limits cover every rule of the plan.
    lockConfiguration: {
      minRetention: Duration.days(Math.min(...days)),
      maxRetention: Duration.days(Math.max(...days)),
      ...(backupLockGraceDays && { changeableFor: Duration.days(backupLockGraceDays) }),
    },
    // AWS deletes only an empty vault, and a locked vault cannot be emptied.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}

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
  constructor(scope: Construct, id: string, { settings, database, uploadBucket, key }: BackupProps) {
    super(scope, id);
    const { stage } = settings;
    const backupVault = createLockedVault(this, settings, backupVaultName(stage), key);
    const plan = new backup.BackupPlan(this, 'Plan', {
      backupPlanName: `retail-${stage}`,
      backupVault,
      backupPlanRules: this.#rules(settings),
    });
    const role = backupRole(this, 'Role', [
      'service-role/AWSBackupServiceRolePolicyForBackup',
      'AWSBackupServiceRolePolicyForS3Backup',
    ]);
    const arns = [database.cluster.clusterArn, uploadBucket.bucketArn];
    const resources = arns.map((arn) => backup.BackupResource.fromArn(arn));
    plan.addSelection('DatabaseAndBucket', { resources, role, disableDefaultBackupPolicy: true });
    const restoreRole = backupRole(this, 'RestoreRole', [
      'service-role/AWSBackupServiceRolePolicyForRestores',
      'AWSBackupServiceRolePolicyForS3Restore',
    ]);
    this.#testRestore(stage, backupVault, database, uploadBucket, restoreRole);
  }

  #rules(settings: Settings): backup.BackupPlanRule[] {
    const { stage, backupRetentionDays, backupDailyDays, backupMonthlyDays, backupCopyRegion } = settings;
    const rule = (ruleName: string, scheduleExpression: Schedule, days: number, isCopied = true) => {
      const deleteAfter = Duration.days(days);
      return new backup.BackupPlanRule({
        ruleName,
        scheduleExpression,
        deleteAfter,
        // The copy of a continuous backup is a snapshot, which the daily rule copies already.
        ...(isCopied &&
          backupCopyRegion && {
            copyActions: [
              { destinationBackupVault: this.#copyVault(stage, backupCopyRegion, days), deleteAfter },
            ],
          }),
        enableContinuousBackup: !isCopied,
      });
    };
    return [
      // This rule sets Aurora's own retention. The schedule updates it and must be shorter than the shortest retention
      // (AWS Backup developer guide, "Changing your retention period").
      rule('continuous', Schedule.cron({ hour: '*/12', minute: '0' }), backupRetentionDays, false),
      rule('daily', Schedule.cron({ hour: '3', minute: '0' }), backupDailyDays),
      rule('monthly', Schedule.cron({ day: '1', hour: '4', minute: '0' }), backupMonthlyDays),
    ];
  }

  #copyVault(stage: string, region: string, days: number): backup.IBackupVault {
    const { partition, account } = Stack.of(this);
    const arn = `arn:${partition}:backup:${region}:${account}:backup-vault:${copyVaultName(stage)}`;
    return backup.BackupVault.fromBackupVaultArn(this, `CopyVault${days}`, arn);
  }

  /** Restores the newest backups once a month beside the existing resources, and deletes them again. */
  #testRestore(
    stage: string,
    vault: backup.BackupVault,
    database: Database,
    uploadBucket: IBucket,
    role: IRole,
  ) {
    const scope = new Construct(this, 'RestoreTest');
    const plan = new backup.CfnRestoreTestingPlan(scope, 'Plan', {
      // A name may have letters, digits and underscores only.
      restoreTestingPlanName: `retail_${stage}_restore_test`,
      scheduleExpression: 'cron(0 6 2 * ? *)',
      startWindowHours: 8,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        includeVaults: [vault.backupVaultArn],
        recoveryPointTypes: ['SNAPSHOT'],
        selectionWindowDays: RESTORE_WINDOW_DAYS,
      },
    });
    const select = (type: string, resourceArn: string, overrides?: Record<string, string>) => {
      const selection = new backup.CfnRestoreTestingSelection(scope, type, {
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

export interface StageStackProps extends StackProps {
  readonly settings: Settings;
}

/** The vault for copies, in another region. The backup plan of the data stack copies to it. */
export class BackupCopyStack extends Stack {
  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, props);
    const { stage, encryption } = props.settings;
    // A key of one region cannot encrypt in another region.
    const encryptionKey =
      encryption === 'service-keys'
        ? undefined
        : new Key(this, 'Key', {
            description: 'Encrypts the copies of the backups of the retail pipeline.',
            enableKeyRotation: true,
          });
    createLockedVault(this, props.settings, copyVaultName(stage), encryptionKey);
  }
}
