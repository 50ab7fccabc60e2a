import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { BackupVault } from 'aws-cdk-lib/aws-backup';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

export interface LockedVaultProps {
  readonly settings: Settings;
  readonly name: string;
  /** Encrypts the backups. @default the key of AWS Backup */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * A vault whose backups cannot be deleted before their retention ends. Its lock is in governance mode, which a caller
 * with the permission can remove, or, if days of grace are set, in compliance mode, which is final after these days.
 */
export class LockedVault extends BackupVault {
  constructor(scope: Construct, id: string, { settings, name, encryptionKey }: LockedVaultProps) {
    const { backupRetentionDays, backupDailyDays, backupMonthlyDays, backupLockGraceDays } = settings;
    const days = [backupRetentionDays, backupDailyDays, backupMonthlyDays];
    super(scope, id, {
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
}

/** Name of the vault that keeps a stage's backups; a dimension of its metrics. */
export function backupVaultName(stage: string): string {
  return `retail-${stage}-backup`;
}

/** Name of the vault in the other region. */
export function copyVaultName(stage: string): string {
  return `${backupVaultName(stage)}-copy`;
}

export interface StageStackProps extends StackProps {
  readonly settings: Settings;
}

/** The vault for copies, in another region. The backup plan of the data stack copies to it. */
export class BackupCopyStack extends Stack {
  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, props);
    const { settings } = props;
    // A key of one region cannot encrypt in another region.
    const encryptionKey =
      settings.encryption === 'service-keys'
        ? undefined
        : new Key(this, 'Key', {
            description: 'Encrypts the copies of the backups of the retail pipeline.',
            enableKeyRotation: true,
          });
    new LockedVault(this, 'Vault', { settings, name: copyVaultName(settings.stage), encryptionKey });
  }
}
