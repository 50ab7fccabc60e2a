import { Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import { type CronOptions, Schedule } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { DatabaseCluster, SubnetGroup } from 'aws-cdk-lib/aws-rds';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

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
  readonly cluster: DatabaseCluster;
  readonly uploadBucket: IBucket;
  /** Encrypts the vault. @default the key of AWS Backup */
  readonly key: IKey | undefined;
}

/**
 * AWS Backup of the database and the bucket, in a locked vault: point-in-time recovery for the last weeks, daily and
 * monthly backups, and restore tests.
 */
export class Backup extends Construct {
  constructor(scope: Construct, id: string, props: BackupProps) {
    super(scope, id);
    const { settings, cluster, uploadBucket, key } = props;
    const backupVault = createLockedVault(this, settings, backupVaultName(settings.stage), key);
    const plan = new backup.BackupPlan(this, 'Plan', {
      backupPlanName: `retail-${settings.stage}`,
      backupVault,
      backupPlanRules: this.#rules(settings),
    });
    const arns = [cluster.clusterArn, uploadBucket.bucketArn];
    plan.addSelection('DatabaseAndBucket', {
      resources: arns.map((arn) => backup.BackupResource.fromArn(arn)),
      role: this.#role('Role', [
        'service-role/AWSBackupServiceRolePolicyForBackup',
        'AWSBackupServiceRolePolicyForS3Backup',
      ]),
      disableDefaultBackupPolicy: true,
    });
    this.#testRestore(props, backupVault);
  }

  #rules(settings: Settings): backup.BackupPlanRule[] {
    const { stage, backupRetentionDays, backupDailyDays, backupMonthlyDays, backupCopyRegion } = settings;
    const { partition, account } = Stack.of(this);
    const copyVaultArn = `arn:${partition}:backup:${backupCopyRegion}:${account}:backup-vault:${copyVaultName(stage)}`;
    const rule = (ruleName: string, schedule: CronOptions, days: number, isContinuous = false) => {
      const deleteAfter = Duration.days(days);
      const copyTo = () => backup.BackupVault.fromBackupVaultArn(this, `CopyVault${days}`, copyVaultArn);
      return new backup.BackupPlanRule({
        ruleName,
        scheduleExpression: Schedule.cron(schedule),
        deleteAfter,
        enableContinuousBackup: isContinuous,
        // The copy of a continuous backup is a snapshot, which the daily rule copies already.
        ...(backupCopyRegion &&
          !isContinuous && { copyActions: [{ destinationBackupVault: copyTo(), deleteAfter }] }),
      });
    };
    return [
      // This rule sets Aurora's own retention. The schedule updates it and must be shorter than the shortest retention
      // (AWS Backup developer guide, "Changing your retention period").
      rule('continuous', { hour: '*/12', minute: '0' }, backupRetentionDays, true),
      rule('daily', { hour: '3', minute: '0' }, backupDailyDays),
      // Between the others and their start windows: AWS Backup runs one job of a resource at a time.
      rule('monthly', { day: '1', hour: '15', minute: '0' }, backupMonthlyDays),
    ];
  }

  /**
   * Restores the newest backups beside the existing resources, and deletes them again: the cluster each month, the bucket
   * each quarter, because a restore of it copies every object.
   */
  #testRestore({ settings, cluster, uploadBucket }: BackupProps, vault: backup.BackupVault): void {
    const role = this.#role('RestoreRole', [
      'service-role/AWSBackupServiceRolePolicyForRestores',
      'AWSBackupServiceRolePolicyForS3Restore',
    ]);
    const scope = new Construct(this, 'RestoreTest');
    const test = (type: string, months: string, resourceArn: string, overrides?: Record<string, string>) => {
      const plan = new backup.CfnRestoreTestingPlan(scope, `${type}Plan`, {
        // A name may have letters, digits and underscores only.
        restoreTestingPlanName: `retail_${settings.stage}_restore_${type.toLowerCase()}`,
        scheduleExpression: `cron(0 6 2 ${months} ? *)`,
        startWindowHours: 8,
        recoveryPointSelection: {
          algorithm: 'LATEST_WITHIN_WINDOW',
          includeVaults: [vault.backupVaultArn],
          recoveryPointTypes: ['SNAPSHOT'],
          selectionWindowDays: RESTORE_WINDOW_DAYS,
        },
      });
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
    // By default AWS restores into the default network of the account, which may not exist and is not closed. The
    // construct does not expose its subnet group.
    const { subnetGroupName } = cluster.node.findChild('Subnets') as SubnetGroup;
    const { securityGroupId } = cluster.connections.securityGroups[0]!;
    test('Aurora', '*', cluster.clusterArn, {
      dbSubnetGroupName: subnetGroupName,
      vpcSecurityGroupIds: Fn.join('', ['["', securityGroupId, '"]']),
    });
    test('S3', '1,4,7,10', uploadBucket.bucketArn);
  }

  /** Creates a role with the policies that AWS documents (AWS Backup developer guide, "Managed policies"). */
  #role(id: string, policyNames: readonly string[]): Role {
    const managedPolicies = policyNames.map((name) => ManagedPolicy.fromAwsManagedPolicyName(name));
    return new Role(this, id, { assumedBy: new ServicePrincipal('backup.amazonaws.com'), managedPolicies });
  }
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
