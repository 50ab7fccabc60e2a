import { z } from 'zod';
import { STORE_PATTERN } from '../../lambdas/core/upload-key.ts';
import { DeadlinesShape } from './deadlines.ts';
import { NotifyShape } from './notify.ts';
import { RuleSettings } from './rules.ts';

/** Retention periods that CloudWatch accepts (PutRetentionPolicy, API reference). */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** A whole number. The option `-c` passes every value as text. */
const whole = (min: number, max: number) =>
  z.coerce.number(`a whole number from ${min} to ${max}`).int().min(min).max(max);
/** A capacity in steps of half a unit. */
const acu = (min: number) =>
  z.coerce.number(`a multiple of 0.5 from ${min} to 256`).min(min).max(256).multipleOf(0.5);
const percent = z.coerce.number('a number from 0.1 to 100').min(0.1).max(100);
const usd = z.coerce.number('a positive amount up to 1000000').positive().max(1_000_000);
/** A list. The option `-c` passes it as text, with commas or as JSON. */
const list = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (typeof value === 'string' ? splitList(value) : value), z.array(item));
const splitList = (text: string): unknown => {
  try {
    return [JSON.parse(text)].flat().map(String);
  } catch {
    return text.split(',').filter((part) => part !== '');
  }
};
const yesOrNo = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('true or false'),
);
/** A text of a form, which the message describes. */
const text = (form: RegExp, message: string) => z.string().regex(form, message);
const region = text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1');

/** Every setting with its meaning and range. The values are in `cdk.json`. */
export const SettingsSchema = z.strictObject({
  account: text(/^\d{12}$/, 'twelve digits')
    .optional()
    .describe('the account to deploy to; by default that of the credentials'),
  region: region.optional().describe('the region to deploy to; by default that of the credentials'),
  availabilityZones: list(text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'a zone such as eu-central-1a'))
    .refine((zones) => zones.length === 2 && zones[0] !== zones[1], 'two different zones')
    .optional()
    .describe('the two zones of the database network; by default the first two of the region'),
  protect: yesOrNo.describe(
    'whether stacks, database and backups are protected against deletion, as production needs',
  ),
  encryption: z
    .enum(['customer-key', 'service-keys'])
    .describe('whether data is encrypted with a customer-managed key or with the keys of each service'),
  stores: list(text(STORE_PATTERN, 'at most 63 letters, digits, ".", "_" and "-"'))
    .refine((stores) => stores.length > 0, 'at least one store')
    // Each store has an output, and a stack has at most 200 (CloudFormation user guide, "Quotas").
    .refine((stores) => stores.length <= 150, 'at most 150 stores')
    .refine((stores) => new Set(stores).size === stores.length, 'no duplicate stores')
    .describe('the stores that upload files; each has a policy for its uploader'),

  ...RuleSettings.shape,
  maxUnpackedMiB: whole(1, 1_048_576).describe(
    'the maximum size of a file, in MiB: of a plain file, and of the unpacked content of an archive',
  ),
  maxRejectedRows: whole(1, 2_147_483_647).describe(
    'the maximum number of rejected rows of a file; a file with more is refused as a whole, and the rows of a file with more lines are checked twice',
  ),
  maxMessageBytes: whole(65_536 * 8, 1_048_576).describe(
    'the maximum size of a message on the row queue, in bytes',
  ),
  parserMemoryMiB: whole(256, 10_240).describe('the memory of the parser, in MiB'),
  parserConcurrency: whole(2, 1_000).describe('the maximum number of uploads that are parsed concurrently'),
  loaderMemoryMiB: whole(256, 10_240).describe('the memory of the loader, in MiB'),
  loaderConcurrency: whole(2, 1_000).describe('the maximum number of loader invocations at a time'),
  api: yesOrNo.describe('whether tills can send transactions over HTTP and WebSocket'),
  apiCollectSeconds: whole(0, 60).describe(
    'the seconds for which the calls of a store are collected into one object; fewer are faster, more make fewer objects',
  ),
  apiRequestsPerSecond: whole(1, 10_000).describe(
    'the maximum number of requests per second of each API; callers receive 429 for more',
  ),
  apiCorsOrigins: list(
    text(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'an origin such as https://shop.example.com'),
  ).describe('the origins of web pages that may call the HTTP API'),
  apiJwtIssuer: z
    .url({ protocol: /^https$/, message: 'a URL such as https://login.example.com/' })
    .optional()
    .describe(
      'the issuer of the JSON Web Tokens that callers of the HTTP API send; by default they sign with IAM',
    ),
  apiJwtAudience: z.string().min(1).optional().describe('the audience that these tokens must have'),
  consoleSignIn: z
    .enum(['none', 'cognito', 'issuer'], 'none, cognito or issuer')
    .describe(
      'whether people sign in to the console of the stage with Amazon Cognito or at retail:apiJwtIssuer, or cannot use it',
    ),
  consoleClientId: text(/^[\x21-\x7e]{1,256}$/, 'the id of a client, as the issuer shows it')
    .optional()
    .describe('the public client of the console at retail:apiJwtIssuer'),
  consoleScopes: list(text(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'a scope such as openid, without blanks'))
    .refine((scopes) => scopes.includes('openid'), 'openid among them')
    .describe('the scopes that the console asks retail:apiJwtIssuer for'),
  consoleSecondFactor: z
    .enum(['required', 'optional'], 'required or optional')
    .describe('whether people need a second factor to sign in with Amazon Cognito'),
  ...NotifyShape,
  ...DeadlinesShape,
  sweepEveryMinutes: whole(1, 1_440).describe(
    'the minutes between two comparisons of the bucket with the ledger',
  ),
  lostAfterMinutes: whole(1, 10_080).describe(
    'the minutes that an object may be missing in the ledger before it is sent to the parser again',
  ),
  stuckAfterMinutes: whole(31, 10_080).describe(
    'the minutes without progress before an upload is parsed again; must exceed the 30-minute retry delay',
  ),
  verifyEveryHours: whole(1, 168).describe(
    'the hours between two checks of the ledger against the table and the receipts',
  ),
  verifyDays: whole(1, 3_650).describe(
    'the age in days of the oldest upload and receipt that this check includes',
  ),
  logRetentionDays: z.coerce
    .number('a whole number of days')
    .refine((days) => RETENTION_DAYS.includes(days), `one of ${RETENTION_DAYS.join(', ')}`)
    .describe('the days for which logs are kept'),

  databaseMinAcu: acu(0).describe('the minimum of Aurora capacity units; 0 lets the database pause'),
  databaseMaxAcu: acu(1).describe('the maximum of Aurora capacity units'),
  databasePauseMinutes: whole(5, 1_440).describe(
    'the minutes without a connection after which the database pauses',
  ),
  secretRotationDays: whole(1, 365).describe(
    'the days after which the passwords of the database are rotated',
  ),

  backupRetentionDays: whole(1, 35).describe(
    'the days for which Aurora supports point-in-time recovery; with a backup plan, change it in the order of docs/restore.md',
  ),
  backupPlan: yesOrNo.describe('whether AWS Backup backs up the database and the bucket'),
  backupDailyDays: whole(1, 36_500).describe('the days for which a daily backup is kept'),
  backupMonthlyDays: whole(31, 36_500).describe('the days for which a monthly backup is kept'),
  backupLockGraceDays: whole(3, 36_500)
    .optional()
    .describe(
      'the days after which the lock of the backup vault is final; by default a caller with the permission can remove it',
    ),
  backupCopyRegion: region.optional().describe('another region that receives a copy of each backup'),

  monitoring: yesOrNo.describe('whether the stage has alarms and dashboards, for about 13 USD a month'),
  alarmEmails: list(z.email('an address such as operators@example.com')).describe(
    'the addresses that receive alarms',
  ),
  alarmUploadAgeMinutes: whole(1, 20_160).describe('the minutes that an upload may wait for the parser'),
  alarmUploadDepth: whole(1, 10_000_000).describe('the number of uploads that may wait for the parser'),
  alarmRowAgeMinutes: whole(1, 20_160).describe('the minutes that a batch may wait for the loader'),
  alarmRowDepth: whole(1, 10_000_000).describe('the number of batches that may wait for the loader'),
  alarmCallAgeMinutes: whole(1, 20_160).describe('the minutes that a call may wait for the collector'),
  alarmCallDepth: whole(1, 10_000_000).describe('the number of calls that may wait for the collector'),
  alarmApiErrorPercent: percent.describe('the percentage of the requests to the API that may fail'),
  alarmDurationPercent: percent.describe('the percentage of its timeout that an invocation may use'),
  alarmRejectedPercent: percent.describe('the percentage of the rows of one hour that may be rejected'),
  alarmNoUploadHours: whole(1, 24)
    .optional()
    .describe('the hours without an upload that raise an alarm; by default none do'),
  alarmAcuPercent: percent.describe('the percentage of its maximum capacity that the database may use'),
  alarmConnections: whole(1, 5_000).describe('the number of connections that the database may have'),

  budgetUsdPerMonth: usd.optional().describe('the budget per month, in USD'),
  anomalyUsd: usd
    .optional()
    .describe(
      'the cost of an anomaly that sends a mail, in USD; only in us-east-1, and in an account that pays its own bill, such as the management account of an organization',
    ),

  quicksightPrincipalArn: text(
    /^arn:aws:quicksight:[a-z0-9-]+:\d{12}:(user|group)\/.+$/,
    'the ARN of a QuickSight user or group',
  )
    .optional()
    .describe('the QuickSight user or group that can see the dashboard; by default QuickSight is omitted'),
  quicksightImport: z
    .enum(['direct', 'spice'])
    .describe('whether QuickSight queries the database each time or keeps a copy in SPICE'),
  quicksightRefreshTime: text(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 05:30')
    .optional()
    .describe('the time of the daily SPICE refresh, in UTC'),

  githubRepository: text(/^[\w.-]+(@\d+\/[\w.-]+@\d+|\/[\w.-]+)$/, 'owner/name, or owner@id/name@id')
    .optional()
    .describe('the GitHub repository whose workflow may deploy this stage, as its tokens name it'),
});

/** The settings of a stage, as an operator writes them. */
export type StageSettings = z.infer<typeof SettingsSchema>;
