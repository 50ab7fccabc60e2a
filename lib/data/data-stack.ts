import { CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { type OutputsOf, STACK_OUTPUTS, type StackPart } from '../../lambdas/shared/stacks.ts';
import { UploaderAccess } from '../access/uploader-access.ts';
import type { Settings } from '../settings/read-settings.ts';
import type { StageStackProps } from './backup.ts';
import { Backup } from './backup.ts';
import { LogBucket, UploadBucket } from './buckets.ts';
import { Database } from './database.ts';
import { createStageKey } from './stage-key.ts';

/** Adds the outputs by which the command line finds the stage. */
export function addOutputs<Part extends StackPart>(stack: Stack, part: Part, values: OutputsOf<Part>): void {
  const names: Readonly<Record<string, string>> = STACK_OUTPUTS[part];
  for (const [key, value] of Object.entries<string>(values)) new CfnOutput(stack, names[key]!, { value });
}

/** The files and the database: everything that must not be lost. */
export class DataStack extends Stack {
  readonly settings: Settings;
  /** Encrypts everything. Undefined if each service encrypts with its own key. */
  readonly key: IKey | undefined;
  readonly uploadBucket: UploadBucket;
  readonly database: Database;

  /** The first two zones of the region, without a lookup: synthesis needs no account. */
  override get availabilityZones(): string[] {
    return [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  }

  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, props);
    const { settings } = props;
    this.settings = settings;
    this.key = createStageKey(this, settings);
    const { key } = this;
    const logBucket = new LogBucket(this, 'LogBucket', settings);
    this.uploadBucket = new UploadBucket(this, 'UploadBucket', key, logBucket);
    this.database = new Database(this, 'Database', { settings, key, logBucket });
    const { uploadBucket, database } = this;
    new UploaderAccess(this, 'UploaderAccess', { settings, key, uploadBucket });
    if (settings.backupPlan) new Backup(this, 'Backup', { settings, key, database, uploadBucket });
    addOutputs(this, 'data', {
      bucketName: this.uploadBucket.bucketName,
      clusterArn: this.database.cluster.clusterArn,
      databaseName: this.database.databaseName,
      analystSecretArn: this.database.secrets.analyst.secretArn,
    });
  }
}
