import { z } from 'zod';
import { STORE_PATTERN } from '../../lambdas/core/upload-key.ts';

/** Log group retentions that CloudWatch knows (PutRetentionPolicy, API reference). */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** A whole number; `-c` on the command line gives every value as text. */
const whole = (least: number, most: number) =>
  z.coerce.number(`a whole number from ${least} to ${most}`).int().min(least).max(most);
/** A capacity in steps of half a unit. */
const acu = (least: number) => z.coerce.number().min(least).max(256).multipleOf(0.5);
const percent = z.coerce.number().min(0.1).max(100);
const usd = z.coerce.number().positive().max(1_000_000);
/** `-c` gives a list as text with commas. */
const list = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value),
    z.array(item),
  );
const yesOrNo = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('true or false'),
);
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1');

/** Every setting, each with what it means. */
export const SettingsSchema = z.strictObject({
  account: z
    .string()
    .regex(/^\d{12}$/, 'twelve digits')
    .optional()
    .describe('the account to deploy to; without it, that of the credentials'),
  region: region.optional().describe('the region to deploy to; without it, that of the credentials'),
  protect: yesOrNo.describe(
    'whether stacks, database and backups are protected against deletion, as production wants',
  ),
  encryption: z
    .enum(['customer-key', 'service-keys'])
    .describe('whether data is encrypted with one key of your own, or with those of each service'),
  stores: list(z.string().regex(STORE_PATTERN, 'at most 63 letters, digits, ".", "_" and "-"'))
    .refine((stores) => stores.length > 0, 'at least one')
    // A stack has at most 200 outputs, and each store has one.
    .refine((stores) => stores.length <= 150, 'at most 150')
    .refine((stores) => new Set(stores).size === stores.length, 'no store twice')
    .describe('the stores that drop files, each with a policy for its uploader'),

  taxPercent: z.coerce
    .string()
    .regex(/^\d{1,3}(\.\d{1,2})?$/, 'a percentage such as 20 or 5.5')
    .describe('the tax on every amount, in percent'),
  unknownColumns: z
    .enum(['ignore', 'refuse'])
    .describe('what becomes of a file with columns that nobody reads: they are ignored, or it is refused'),
  maxUnpackedMiB: whole(1, 1_048_576).describe('the most that an archive may unpack to, in MiB'),
  maxMessageBytes: whole(65_536 * 8, 1_048_576).describe('the largest message on the row queue, in bytes'),
  parserMemoryMiB: whole(256, 10_240).describe('memory of the parser, in MiB'),
  parserConcurrency: whole(2, 1_000).describe('how many uploads are parsed at a time'),
  consumerMemoryMiB: whole(256, 10_240).describe('memory of the consumer, in MiB'),
  consumerConcurrency: whole(2, 1_000).describe('how many batches are loaded at a time'),
  sweepEveryMinutes: whole(1, 1_440).describe('minutes from one comparison of bucket and ledger to the next'),
  lostAfterMinutes: whole(1, 10_080).describe(
    'minutes for which an object is missing in the ledger before it is sent to the parser again',
  ),
  stuckAfterMinutes: whole(31, 10_080).describe(
    'minutes for which an upload does not move before it is parsed again; a message may wait 30 for its next try',
  ),
  verifyEveryHours: whole(1, 168).describe(
    'hours from one check of the ledger against the table to the next',
  ),
  verifyDays: whole(1, 3_650).describe('how many days back that check looks'),
  logRetentionDays: z.coerce
    .number()
    .refine((days) => RETENTION_DAYS.includes(days), `one of ${RETENTION_DAYS.join(', ')}`)
    .describe('days for which logs are kept'),

  databaseMinAcu: acu(0).describe('Aurora capacity units at the least; 0 lets the database pause'),
  databaseMaxAcu: acu(1).describe('Aurora capacity units at the most'),
  databasePauseMinutes: whole(5, 1_440).describe(
    'minutes without a connection after which the database pauses',
  ),
  secretRotationDays: whole(1, 365).describe('days after which the passwords of the database are changed'),

  backupRetentionDays: whole(1, 35).describe('days back to which Aurora can be restored to any second'),
  backupPlan: yesOrNo.describe('whether AWS Backup keeps copies of database and bucket'),
  backupDailyDays: whole(1, 36_500).describe('days for which a daily backup is kept'),
  backupMonthlyDays: whole(31, 36_500).describe('days for which a monthly backup is kept'),
  backupLockGraceDays: whole(3, 36_500)
    .optional()
    .describe(
      'days after which nobody, not even AWS, can unlock the backup vault; without it, whoever has the permission can',
    ),
  backupCopyRegion: region.optional().describe('another region that gets a copy of each backup'),

  monitoring: yesOrNo.describe('whether alarms and dashboards watch the stage, for about 10 USD a month'),
  alarmEmails: list(z.email('an address such as operators@example.com')).describe('who hears of alarms'),
  alarmUploadAgeMinutes: whole(1, 20_160).describe('minutes for which an upload may wait for the parser'),
  alarmUploadDepth: whole(1, 10_000_000).describe('uploads that may wait for the parser'),
  alarmRowAgeMinutes: whole(1, 20_160).describe('minutes for which a batch may wait for the consumer'),
  alarmRowDepth: whole(1, 10_000_000).describe('batches that may wait for the consumer'),
  alarmDurationPercent: percent.describe('percent of its timeout that an invocation may take'),
  alarmRejectedPercent: percent.describe('percent of the rows of an hour that may be rejected'),
  alarmNoUploadHours: whole(1, 24)
    .optional()
    .describe('hours without any upload; without it, nobody is told'),
  alarmAcuPercent: percent.describe('percent of its largest capacity that the database may use'),
  alarmConnections: whole(1, 5_000).describe('connections that the database may have'),

  budgetUsdPerMonth: usd.optional().describe('what a month may cost, in USD'),
  anomalyUsd: usd
    .optional()
    .describe(
      'the unusual cost, in USD, that somebody wants to hear of; only in an account that pays for itself, as the management account of an organization does',
    ),

  quicksightPrincipalArn: z
    .string()
    .regex(/^arn:aws:quicksight:[a-z0-9-]+:\d{12}:(user|group)\/.+$/, 'the ARN of a QuickSight user or group')
    .optional()
    .describe('the QuickSight user or group that gets the dashboard; without it, QuickSight is left out'),
  quicksightImport: z
    .enum(['direct', 'spice'])
    .describe('whether QuickSight asks the database each time, or keeps a copy in SPICE'),
  quicksightRefreshTime: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 05:30')
    .optional()
    .describe('when SPICE is filled again each day, in UTC'),

  githubRepository: z
    .string()
    .regex(/^[\w.-]+(@\d+\/[\w.-]+@\d+|\/[\w.-]+)$/, 'owner/name, or owner@id/name@id')
    .optional()
    .describe('the GitHub repository whose workflow may deploy this stage, as its tokens call it'),
});

/** What an operator may set for a stage. */
export type StageSettings = z.infer<typeof SettingsSchema>;
