import { CfnOutput, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type CorsRule, HttpMethods, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { CHECKS_PREFIX } from '../../lambdas/core/upload-key.ts';
import { CALLS_PREFIX } from '../../lambdas/shared/api-routes.ts';
import {
  type OutputsOf,
  STACK_OUTPUTS,
  type StackPart,
  WEBHOOK_SECRET_OUTPUT,
} from '../../lambdas/shared/stacks.ts';
import { allowService } from '../access/statements.ts';
import { addUploaderPolicies, denyUnreadableUploads } from '../access/uploader-policies.ts';
import type { Settings } from '../settings/read-settings.ts';
import { Backup, type StageStackProps } from './backup.ts';
import { Database } from './database.ts';
import { PrivateBucket } from './private-bucket.ts';
import { UserDirectory } from './user-directory.ts';

/** Time for which a browser keeps the answer of S3 to a preflight request. */
const FORM_CORS_SECONDS = 3_600;

/** Deletes used tickets and idempotency keys, with their versions and delete markers. */
const CALL_RULES: readonly LifecycleRule[] = [
  {
    prefix: CALLS_PREFIX,
    expiration: Duration.days(7),
    noncurrentVersionExpiration: Duration.days(1),
  },
  // S3 allows this only in a separate rule (S3 user guide, "Lifecycle configuration elements").
  { prefix: CALLS_PREFIX, expiredObjectDeleteMarker: true },
];

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
  /** Keeps every version of every dropped file, so that the database can be rebuilt from it. */
  readonly uploadBucket: PrivateBucket;
  readonly database: Database;
  /** Signs receipts and tickets. Undefined in a stage without the API. */
  readonly apiSecret: ISecret | undefined;
  /** Signs webhooks. Undefined in a stage without them. */
  readonly webhookSecret: ISecret | undefined;
  /** The people who sign in to the console. Undefined in a stage without sign-in for the console. */
  readonly userDirectory: UserDirectory | undefined;

  /** The zones of the settings, or the first two of the region without a lookup: synthesis needs no account. */
  override get availabilityZones(): string[] {
    return this.settings.availabilityZones ?? [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  }

  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, props);
    const { settings } = props;
    this.settings = settings;
    const key = settings.encryption === 'service-keys' ? undefined : createStageKey(this);
    // For S3 access logs and the network's flow logs. S3 does not write access logs to a bucket with a customer-managed
    // key (S3 user guide, "Enabling Amazon S3 server access logging").
    const logBucket = new PrivateBucket(this, 'LogBucket', undefined, {
      lifecycleRules: [
        {
          expiration: Duration.days(settings.logRetentionDays),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
    });
    const uploadBucket = new PrivateBucket(this, 'UploadBucket', key, {
      serverAccessLogsBucket: logBucket,
      serverAccessLogsPrefix: 'uploads/',
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        // Each run of a check overwrites its last result.
        { prefix: CHECKS_PREFIX, noncurrentVersionExpiration: Duration.days(1) },
        ...(settings.api ? CALL_RULES : []),
      ],
      ...(settings.consoleSignIn !== 'none' && { cors: [allowForms(this)] }),
    });
    const database = new Database(this, 'Database', { settings, key, logBucket });
    denyUnreadableUploads(uploadBucket, key);
    addUploaderPolicies(this, settings, uploadBucket, key);
    const { cluster } = database;
    if (settings.backupPlan) new Backup(this, 'Backup', { settings, cluster, uploadBucket, key });
    addOutputs(this, 'data', {
      bucketName: uploadBucket.bucketName,
      clusterArn: cluster.clusterArn,
      databaseName: database.databaseName,
      operatorSecretArn: database.secrets.operator.secretArn,
      analystSecretArn: database.secrets.analyst.secretArn,
    });
    this.key = key;
    this.apiSecret = settings.api
      ? createSigningSecret(this, 'ApiSecret', 'Signs the receipts and tickets of the retail API.', key)
      : undefined;
    const hasWebhooks = settings.notify.some(({ webhook }) => webhook !== undefined);
    this.webhookSecret = hasWebhooks
      ? createSigningSecret(this, 'WebhookSecret', 'Signs the webhooks of the retail pipeline.', key)
      : undefined;
    if (this.webhookSecret)
      new CfnOutput(this, WEBHOOK_SECRET_OUTPUT, { value: this.webhookSecret.secretArn });
    this.userDirectory =
      settings.consoleSignIn === 'cognito' ? new UserDirectory(this, 'People', settings) : undefined;
    this.uploadBucket = uploadBucket;
    this.database = database;
  }
}

/**
 * Lets the page of the console send forms to the bucket, and read whether S3 took them. The API whose page it is exists
 * after the bucket, so that its name is a pattern (S3 user guide, "Elements of a CORS configuration": one `*` in an
 * origin). A form is valid by its signature alone.
 */
function allowForms({ region }: Stack): CorsRule {
  return {
    allowedOrigins: [`https://*.execute-api.${region}.amazonaws.com`],
    allowedMethods: [HttpMethods.POST],
    // By it the page finds the upload among others of the same name (S3 API reference, "POST Object").
    exposedHeaders: ['x-amz-version-id'],
    maxAge: FORM_CORS_SECONDS,
  };
}

/**
 * Creates a secret that signs. Nothing rotates it: the API's receipts are valid as long as the ledger, and the receivers
 * of webhooks have their keys.
 */
function createSigningSecret(stack: Stack, id: string, description: string, key: IKey | undefined): Secret {
  return new Secret(stack, id, {
    description,
    generateSecretString: {
      secretStringTemplate: '{}',
      generateStringKey: 'password',
      passwordLength: 64,
      excludePunctuation: true,
    },
    ...(key && { encryptionKey: key }),
  });
}

/** Creates the key of a stage that encrypts with its own key. AWS rotates it each year. */
function createStageKey(stack: Stack): Key {
  const key = new Key(stack, 'Key', {
    description: 'Encrypts the files, messages, rows, logs and backups of the retail pipeline.',
    enableKeyRotation: true,
    // A failed first deployment keeps nothing.
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const { account, partition, region } = stack;
  const logGroups = `arn:${partition}:logs:${region}:${account}:log-group:*`;
  const statements = [
    // AWS documents this statement without a condition (SQS developer guide, "Key management"): the policy of the queue
    // limits which bucket may send.
    allowService('s3', 'SendEventsToEncryptedQueues', ['kms:Decrypt', 'kms:GenerateDataKey'], '*'),
    allowService('cloudwatch', 'SendAlarmsToEncryptedTopics', ['kms:Decrypt', 'kms:GenerateDataKey*'], '*', {
      StringEquals: { 'aws:SourceAccount': account },
    }),
    allowService(
      `logs.${region}`,
      'WriteEncryptedLogs',
      ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      '*',
      { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
    ),
  ];
  for (const statement of statements) key.addToResourcePolicy(statement);
  return key;
}
