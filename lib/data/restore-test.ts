import { Fn } from 'aws-cdk-lib';
import { CfnRestoreTestingPlan, CfnRestoreTestingSelection, type IBackupVault } from 'aws-cdk-lib/aws-backup';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import type { Database } from './database.ts';

/** Days back from which the newest backup is taken: where there is none, the backups have stopped. */
const WINDOW_DAYS = 7;
/** What was restored is deleted again afterwards. */
const KEPT_HOURS = 1;

export interface RestoreTestProps {
  readonly settings: Settings;
  readonly database: Database;
  readonly vault: IBackupVault;
  readonly resourceArns: { readonly cluster: string; readonly bucket: string };
  /** As whom AWS Backup restores. */
  readonly role: IRole;
}

/** Once a month the newest backups are restored, beside what is there, and deleted again. */
export class RestoreTest extends Construct {
  constructor(scope: Construct, id: string, props: RestoreTestProps) {
    super(scope, id);
    const { settings, database, vault, resourceArns, role } = props;
    const plan = new CfnRestoreTestingPlan(this, 'Plan', {
      // It may have letters, digits and underscores alone.
      restoreTestingPlanName: `retail_${settings.stage}_restore_test`,
      scheduleExpression: 'cron(0 6 2 * ? *)',
      startWindowHours: 8,
      recoveryPointSelection: {
        algorithm: 'LATEST_WITHIN_WINDOW',
        includeVaults: [vault.backupVaultArn],
        recoveryPointTypes: ['SNAPSHOT'],
        selectionWindowDays: WINDOW_DAYS,
      },
    });
    const select = (type: string, resourceArn: string, overrides?: Record<string, string>) => {
      const selection = new CfnRestoreTestingSelection(this, type, {
        restoreTestingPlanName: plan.restoreTestingPlanName,
        restoreTestingSelectionName: type.toLowerCase(),
        protectedResourceType: type,
        protectedResourceArns: [resourceArn],
        iamRoleArn: role.roleArn,
        validationWindowHours: KEPT_HOURS,
        ...(overrides && { restoreMetadataOverrides: overrides }),
      });
      selection.addResourceDependency(plan);
    };
    // Without these it would go to the default network of the account, which may not be there and is not closed.
    select('Aurora', resourceArns.cluster, {
      dbSubnetGroupName: database.subnetGroupName,
      vpcSecurityGroupIds: Fn.join('', ['["', database.securityGroupId, '"]']),
    });
    select('S3', resourceArns.bucket);
  }
}
