import { Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import { copyVaultName, LockedVault } from './locked-vault.ts';

export interface BackupCopyStackProps extends StackProps {
  readonly settings: Settings;
}

/** In another region: the vault for copies, which the backup plan of the data names. */
export class BackupCopyStack extends Stack {
  constructor(scope: Construct, id: string, props: BackupCopyStackProps) {
    super(scope, id, props);
    const { settings } = props;
    // A key of one region does not encrypt in another.
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
