import { ROLES } from '../../../lib/data/database.ts';
import { capitalize } from '../../../lib/pipeline/function.ts';
import { FUNCTION_FOLDERS } from '../../support/function-folders.ts';

/** Accepted findings of the rule packs: each rule, its constructs, and the reason. */
export interface Acknowledgement {
  /** Names as the pack reports them, with `STAGE` for the name of the stage. */
  readonly rules: readonly string[];
  /** Paths of constructs, without `/Resource` at their end. */
  readonly at: readonly string[];
  readonly reason: string;
  /** @default every variant of the settings that is checked */
  readonly only?: readonly ('dev' | 'prod' | 'full')[];
}

const FUNCTIONS = FUNCTION_FOLDERS.map((folder) => `RetailPipeline/${capitalize(folder)}/Function`);
const POLICIES_OF_FUNCTIONS = FUNCTIONS.map((path) => `${path}Role/DefaultPolicy`);
const SECRETS_OF_ROLES = [
  'RetailData/Database/Cluster/Secret',
  ...ROLES.map((role) => `RetailData/Database/${capitalize(role)}Secret`),
];
const API_SECRET = 'RetailData/ApiSecret';
const WEBHOOK_SECRET = 'RetailData/WebhookSecret';
const PROBE_SECRET = 'RetailPipeline/Rotate/ProbeSecret';
const UPLOADS = 'Resource::<retail-STAGE-data.PublishOutputFnGetAttUploadBucketD2C1DA78Arn38859BA5>';
const MANAGED = 'Policy::arn:<AWS::Partition>:iam::aws:policy';
const HTTP_ROUTES =
  'Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<ApiHttpApi87079EB1>/$default';
const STACK = 'Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack';

const ALARMS = 'Resource::arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:*';

const CONSOLE_FILES = ['GET--console', 'GET--console--{file+}'];

/** The stores of `cdk.json`. */
const STORES = ['main', 'oslo'];

export const ACKNOWLEDGED: readonly Acknowledgement[] = [
  {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    at: POLICIES_OF_FUNCTIONS,
    reason: 'xray:PutTraceSegments and xray:PutTelemetryRecords have no resource level.',
  },
  {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    at: ['RetailAnalytics/Analyst'],
    reason: 'athena:ListDataCatalogs and athena:ListWorkGroups have no resource level.',
  },
  {
    rules: [`AwsSolutions-IAM5[${ALARMS}]`],
    at: ['RetailPipeline/Api/FunctionRole/DefaultPolicy'],
    reason: 'CloudWatch authorizes a list of alarms for all of them, also with a prefix of names.',
  },
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/incoming/*]`],
    at: [
      'RetailAnalytics/Analyst',
      'RetailPipeline/Operator/Policy',
      'RetailPipeline/Parse/FunctionRole/DefaultPolicy',
    ],
    reason: 'Files are dropped under any name: the prefix is as exact as it can be.',
  },
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/rejected/*]`],
    at: ['RetailAnalytics/Analyst', 'RetailPipeline/Parse/FunctionRole/DefaultPolicy'],
    reason: 'Each upload with rejected rows has its own object there.',
  },
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/incoming/store=*/unpacked/*]`],
    at: ['RetailPipeline/Parse/FunctionRole/DefaultPolicy'],
    reason: 'Each file of an archive has its own object there, in the folder of each store.',
  },
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/incoming/store=*]`],
    at: ['RetailPipeline/Operator/Policy'],
    reason: 'An operator moves files of any name from one store to another.',
  },
  {
    rules: ['Serverless-LambdaTracing'],
    at: ['RetailPipeline/Api/Function', 'RetailPipeline/Authorize/Function'],
    reason: 'A caller asks for the trace of a call: X-Ray would record each call of a slow stage.',
  },
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/readings/*]`],
    at: ['RetailPipeline/Operator/Policy', 'RetailPipeline/Parse/FunctionRole/DefaultPolicy'],
    reason: 'Each object version has its own records there.',
  },
  ...STORES.map((store) => ({
    rules: [`AwsSolutions-IAM5[Resource::<UploadBucketD2C1DA78.Arn>/incoming/store=${store}/*]`],
    at: [`RetailData/UploaderAccess/Store-${store}`],
    reason: 'An uploader drops files under any name, but only in the folder of its store.',
  })),
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/incoming/store=*]`, `AwsSolutions-IAM5[${UPLOADS}/calls/store=*]`],
    at: ['RetailPipeline/Api/FunctionRole/DefaultPolicy'],
    reason: 'It signs the uploads of every store under any name, and keeps the idempotency keys of each.',
  },
  ...STORES.map((store) => ({
    rules: [`AwsSolutions-IAM5[Resource::<UploadBucketD2C1DA78.Arn>/receipts/store=${store}/*]`],
    at: [`RetailData/UploaderAccess/Store-${store}`],
    reason: 'An uploader reads the receipts of all files of its store.',
  })),
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/receipts/*]`],
    at: [
      'RetailPipeline/Notify/FunctionRole/DefaultPolicy',
      'RetailPipeline/Operator/Policy',
      'RetailPipeline/Verify/FunctionRole/DefaultPolicy',
    ],
    reason: 'Each file has its own receipts there.',
  },
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/calls/tickets/*]`],
    at: ['RetailPipeline/Authorize/FunctionRole/DefaultPolicy'],
    reason: 'Each ticket that was used has an object there, named after its random number.',
  },
  {
    rules: [`AwsSolutions-IAM5[${UPLOADS}/incoming/store=*/api/*]`],
    at: ['RetailPipeline/Collect/FunctionRole/DefaultPolicy'],
    reason: 'The objects of collected calls are named after their time, in the folder of each store.',
  },
  ...STORES.map((store) => ({
    rules: [`AwsSolutions-IAM5[${HTTP_ROUTES}/GET/stores/${store}/receipts/*]`],
    at: [`RetailPipeline/Api/TillAccess/Store-${store}`],
    reason: 'A till asks for any receipt of its store.',
  })),
  {
    rules: [
      `AwsSolutions-IAM5[${HTTP_ROUTES}/GET/uploads/*]`,
      `AwsSolutions-IAM5[${HTTP_ROUTES}/GET/uploads/*/conflicts]`,
      `AwsSolutions-IAM5[${HTTP_ROUTES}/GET/uploads/*/reject-codes]`,
      `AwsSolutions-IAM5[${HTTP_ROUTES}/GET/uploads/*/rejects]`,
    ],
    at: ['RetailPipeline/Operator/Policy'],
    reason: 'An operator asks for any upload.',
  },
  {
    rules: [`AwsSolutions-IAM5[${HTTP_ROUTES}/POST/dead-letters/*/redrive]`],
    at: ['RetailPipeline/Operator/Policy'],
    reason: 'An operator sends the dead letters of any queue back.',
  },
  {
    rules: [
      `AwsSolutions-IAM5[${HTTP_ROUTES}/GET/stores/*/rules]`,
      `AwsSolutions-IAM5[${HTTP_ROUTES}/POST/stores/*/tickets]`,
      `AwsSolutions-IAM5[${HTTP_ROUTES}/POST/stores/*/transactions]`,
      `AwsSolutions-IAM5[${HTTP_ROUTES}/POST/stores/*/uploads]`,
    ],
    at: ['RetailPipeline/Operator/Policy'],
    reason: 'An operator sends transactions and files of any store.',
  },
  {
    rules: ['AwsSolutions-IAM5[Resource::<QueryResultsAA56766C.Arn>/results/*]'],
    at: ['RetailAnalytics/Analyst'],
    reason: 'Athena names the objects of its results.',
  },
  {
    rules: [
      `AwsSolutions-IAM5[${STACK}/retail-STAGE-data/*]`,
      `AwsSolutions-IAM5[${STACK}/retail-STAGE-pipeline/*]`,
    ],
    at: ['RetailPipeline/Operator/Policy'],
    reason: 'CloudFormation appends an id to the ARN of a stack, a new one each time it is created.',
  },
  {
    rules: [`AwsSolutions-IAM4[${MANAGED}/service-role/AWSLambdaBasicExecutionRole]`],
    at: ['RetailPipeline/BucketNotificationsHandler050a0587b7544547bf325f094a3db834/Role'],
    reason: "The CDK's own function, which sets the bucket's notifications at deployment.",
  },
  {
    rules: [
      `AwsSolutions-IAM4[${MANAGED}/service-role/AWSBackupServiceRolePolicyForBackup]`,
      `AwsSolutions-IAM4[${MANAGED}/AWSBackupServiceRolePolicyForS3Backup]`,
    ],
    at: ['RetailData/Backup/Role'],
    reason: 'The policies that AWS documents and maintains for AWS Backup.',
    only: ['prod', 'full'],
  },
  {
    rules: [
      `AwsSolutions-IAM4[${MANAGED}/service-role/AWSBackupServiceRolePolicyForRestores]`,
      `AwsSolutions-IAM4[${MANAGED}/AWSBackupServiceRolePolicyForS3Restore]`,
    ],
    at: ['RetailData/Backup/RestoreRole'],
    reason: 'The policies that AWS documents and maintains for AWS Backup.',
    only: ['prod', 'full'],
  },
  {
    rules: ['AwsSolutions-IAM5[Resource::*]'],
    at: ['RetailAnalytics/QuickSight/VpcConnection/Policy'],
    reason: 'ec2:DescribeSubnets and ec2:DescribeSecurityGroups have no resource level.',
    only: ['full'],
  },
  {
    rules: [
      'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*]',
    ],
    at: ['RetailAnalytics/QuickSight/VpcConnection/Policy'],
    reason: 'A network interface has no id before it is created.',
    only: ['full'],
  },
  {
    rules: ['NIST.800.53.R5-IAMNoInlinePolicy'],
    at: ['RetailDeployer/Deployer/DefaultPolicy', 'RetailDeployer/Reader/DefaultPolicy'],
    reason: 'A policy that fits exactly one role belongs to it and is deleted with it.',
    only: ['full'],
  },
  {
    rules: ['NIST.800.53.R5-IAMNoInlinePolicy'],
    at: [...POLICIES_OF_FUNCTIONS, 'RetailPipeline/Parse/UploadBucket/Notifications/HandlerPolicy'],
    reason: 'A policy that fits exactly one role belongs to it and is deleted with it.',
  },

  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    at: SECRETS_OF_ROLES,
    reason:
      'Rotated by lib/pipeline/rotate-step.ts, in another stack than the secret, which the rule does not see.',
  },
  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    at: [PROBE_SECRET],
    reason: "It holds a role's password only while a rotation tests it.",
  },
  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    at: [API_SECRET],
    reason: 'It signs receipts, which are valid for as long as the ledger has their rows.',
  },
  {
    rules: ['AwsSolutions-SMG4', 'NIST.800.53.R5-SecretsManagerRotationEnabled'],
    at: [WEBHOOK_SECRET],
    reason: 'The receivers of webhooks have keys that are derived from it.',
    only: ['full'],
  },
  {
    rules: ['NIST.800.53.R5-SecretsManagerUsingKMSKey'],
    at: [...SECRETS_OF_ROLES, API_SECRET, PROBE_SECRET],
    reason: "Encrypted with Secrets Manager's own key: this stage chose service keys, which cost nothing.",
    only: ['dev'],
  },
  {
    rules: ['NIST.800.53.R5-S3DefaultEncryptionKMS'],
    at: ['RetailAnalytics/Query/Results', 'RetailData/UploadBucket'],
    reason: "Encrypted with S3's own key: this stage chose service keys, which cost nothing.",
    only: ['dev'],
  },
  {
    rules: ['NIST.800.53.R5-CloudWatchLogGroupEncrypted'],
    at: [
      ...FUNCTIONS.map((path) => `${path}Logs`),
      'RetailPipeline/Api/Http/AccessLogs',
      'RetailPipeline/AWSCDK.TriggerCustomResourceProviderCustomResourceProvider/Logs',
      'RetailPipeline/BucketNotificationsHandler050a0587b7544547bf325f094a3db834/Logs',
    ],
    reason: "Encrypted with CloudWatch's own key: this stage chose service keys, which cost nothing.",
    only: ['dev'],
  },
  {
    rules: ['NIST.800.53.R5-SNSEncryptedKMS'],
    at: ['RetailOperations/AlarmTopics/Critical', 'RetailOperations/AlarmTopics/Warning'],
    reason: "CloudWatch cannot publish to a topic under SNS's own key; alarms hold names and numbers only.",
    only: ['dev'],
  },
  {
    rules: ['NIST.800.53.R5-S3DefaultEncryptionKMS'],
    at: ['RetailData/LogBucket'],
    reason: 'S3 does not write access logs to a bucket with a customer-managed key.',
  },
  {
    rules: ['NIST.800.53.R5-S3BucketReplicationEnabled'],
    at: ['RetailAnalytics/Query/Results', 'RetailData/LogBucket', 'RetailData/UploadBucket'],
    reason:
      'Every version is kept, and AWS Backup copies uploads to another region if the settings ask for it.',
  },
  {
    rules: ['AwsSolutions-S1', 'NIST.800.53.R5-S3BucketLoggingEnabled'],
    at: ['RetailAnalytics/Query/Results'],
    reason: 'Results of queries, which expire after 30 days; Athena keeps the history of queries.',
  },

  {
    rules: ['AwsSolutions-RDS10', 'NIST.800.53.R5-RDSInstanceDeletionProtectionEnabled'],
    at: ['RetailData/Database/Cluster'],
    reason: 'A development stage can be deleted; its cluster leaves a snapshot.',
    only: ['dev'],
  },
  {
    rules: ['NIST.800.53.R5-RDSLoggingEnabled[LogExport::postgresql]'],
    at: ['RetailData/Database/Cluster'],
    reason: 'Errors of statements reach the logs of the calling functions; RDS keeps its own log for days.',
  },
  {
    rules: ['NIST.800.53.R5-RDSEnhancedMonitoringEnabled'],
    at: ['RetailData/Database/Cluster/Writer'],
    reason: 'A serverless instance gives no access to its system: alarms cover capacity and connections.',
  },
  {
    rules: ['NIST.800.53.R5-RDSInBackupPlan'],
    at: ['RetailData/Database/Cluster/Writer'],
    reason: 'The cluster is in the plan of a stage with backups; the rule sees instances only.',
  },
  {
    rules: ['NIST.800.53.R5-VPCDefaultSecurityGroupClosed'],
    at: ['RetailData/Database/Vpc'],
    reason:
      'Nothing is in the default group, and the network has no route to the outside; closing it needs a function.',
  },

  {
    rules: ['NIST.800.53.R5-LambdaInsideVPC'],
    at: FUNCTIONS,
    reason: 'They use the Data API only; in the network they would need endpoints without a benefit.',
  },
  {
    rules: ['NIST.800.53.R5-LambdaConcurrency'],
    at: FUNCTIONS,
    reason:
      'Mappings and the throttling of the APIs limit them; reserved concurrency would reduce the limit of the account.',
  },
  {
    rules: ['NIST.800.53.R5-LambdaDLQ', 'Serverless-LambdaDLQ'],
    at: FUNCTIONS,
    reason:
      'Queues have dead-letter queues; scheduled calls are repeated; callers of the APIs see the error.',
  },
  {
    rules: ['Serverless-LambdaEventSourceMappingDestination'],
    at: ['Collect', 'Load', 'Notify', 'Parse'].map((stem) => `RetailPipeline/${stem}/Function/Messages`),
    reason: 'A mapping of SQS has no destination for failures: the queue has a dead-letter queue.',
  },
  {
    rules: ['Serverless-SQSRedrivePolicy'],
    at: ['Collect/Calls', 'Load/Rows', 'Notify/Notices', 'Parse/Uploads'].map(
      (path) => `RetailPipeline/${path}/DeadLetterQueue`,
    ),
    reason: 'They are the dead-letter queues.',
  },
  {
    rules: ['AwsSolutions-COG8'],
    at: ['RetailData/People/Pool'],
    reason:
      'The plan with threat protection costs 0.02 USD a month from the first user; a second factor is required.',
    only: ['full'],
  },
  {
    rules: ['AwsSolutions-APIG4'],
    at: CONSOLE_FILES.map((path) => `RetailPipeline/Api/Http/Api/${path}`),
    reason: 'The files of the console have no secrets. The page asks the person at the screen to sign in.',
  },
  {
    rules: ['AwsSolutions-APIG4'],
    at: CONSOLE_FILES.map((path) => `RetailPipeline/Api/People/Api/${path}`),
    reason: 'The same files, at the API of people.',
    only: ['full'],
  },
  {
    rules: ['AwsSolutions-APIG4'],
    at: ['RetailPipeline/Api/WebSocket/Api/$default-Route'],
    reason: 'API Gateway authorizes a WebSocket connection once, on $connect, which has an authorizer.',
  },
  {
    rules: ['AwsSolutions-APIG1', 'Serverless-APIGWAccessLogging'],
    at: ['RetailPipeline/Api/WebSocket/Stage'],
    reason: 'It needs a role that all APIs of the account share; the function logs each message instead.',
  },
  {
    rules: ['Serverless-EventBusDLQ'],
    at: ['RetailPipeline/Sweep/Schedule', 'RetailPipeline/Verify/Schedule'],
    reason: 'The next run covers a missed one, and an alarm reports several missed runs.',
  },
  {
    rules: ['Serverless-SNSRedrivePolicy'],
    at: [
      'RetailOperations/AlarmTopics/Critical/operators@example.com',
      'RetailOperations/AlarmTopics/Warning/operators@example.com',
    ],
    reason: 'SNS retries mails, and an unread alarm stays active.',
    only: ['prod', 'full'],
  },
];
