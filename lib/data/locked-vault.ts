import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BackupVault } from 'aws-cdk-lib/aws-backup';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

export interface LockedVaultProps {
  readonly settings: Settings;
  readonly name: string;
  /** Encrypts what is in it. @default the key of AWS Backup */
  readonly encryptionKey?: IKey | undefined;
}

/**
 * A vault whose backups nobody deletes before their time. Its lock is one of governance, which whoever has the
 * permission can take away; with days of grace one of compliance, which nobody can take away after them.
 */
export class LockedVault extends BackupVault {
  constructor(scope: Construct, id: string, { settings, name, encryptionKey }: LockedVaultProps) {
    const { backupRetentionDays, backupDailyDays, backupMonthlyDays, backupLockGraceDays } = settings;
    const days = [backupRetentionDays, backupDailyDays, backupMonthlyDays];
    super(scope, id, {
      backupVaultName: name,
      ...(encryptionKey && { encryptionKey }),
      blockRecoveryPointDeletion: true,
      // A backup that wants to be kept for a shorter or longer time fails: no rule of the plan may.
      lockConfiguration: {
        minRetention: Duration.days(Math.min(...days)),
        maxRetention: Duration.days(Math.max(...days)),
        ...(backupLockGraceDays && { changeableFor: Duration.days(backupLockGraceDays) }),
      },
      // It can only be deleted when it is empty, and nobody may empty it.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }
}

/** What the vault in the other region is called; its stack is, too. */
export function copyVaultName(stage: string): string {
  return `retail-${stage}-backup-copy`;
}
