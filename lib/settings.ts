import type { Node } from 'constructs';
import { z } from 'zod';

const PREFIX = 'retail:';

/** Log group retentions that CloudWatch knows (PutRetentionPolicy, API reference). */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** A whole number; `-c` on the command line gives every value as text. */
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
/** A capacity in steps of half a unit. */
const acu = (least: number) => z.coerce.number().min(least).max(256).multipleOf(0.5);

const SettingsSchema = z
  .strictObject({
    taxPercent: z.coerce
      .string()
      .regex(/^\d{1,3}(\.\d{1,2})?$/, 'a percentage such as 20 or 5.5')
      .describe('the tax on every amount, in percent'),
    maxMessageBytes: whole(65_536 * 8, 1_048_576).describe('the largest message on the row queue, in bytes'),
    parserMemoryMiB: whole(256, 10_240).describe('memory of the parser, in MiB'),
    parserConcurrency: whole(2, 1_000).describe('how many uploads are parsed at a time'),
    consumerMemoryMiB: whole(256, 10_240).describe('memory of the consumer, in MiB'),
    consumerConcurrency: whole(2, 1_000).describe('how many batches are loaded at a time'),
    sweepEveryMinutes: whole(1, 1_440).describe(
      'minutes from one comparison of bucket and ledger to the next',
    ),
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
    databaseMinAcu: acu(0).describe('Aurora capacity units at the least; 0 lets the database pause'),
    databaseMaxAcu: acu(1).describe('Aurora capacity units at the most'),
    databasePauseMinutes: whole(5, 1_440).describe(
      'minutes without a connection after which the database pauses',
    ),
    backupRetentionDays: whole(1, 35).describe('days for which Aurora keeps its own backups'),
    logRetentionDays: z.coerce
      .number()
      .refine((days) => RETENTION_DAYS.includes(days), `one of ${RETENTION_DAYS.join(', ')}`)
      .describe('days for which logs are kept'),
  })
  .refine(({ databaseMinAcu, databaseMaxAcu }) => databaseMinAcu <= databaseMaxAcu, {
    path: ['databaseMinAcu'],
    message: 'must not be above retail:databaseMaxAcu',
  });

/** What an operator may set, from the `retail:…` keys of `cdk.json` or `-c retail:NAME=VALUE`. */
export type Settings = z.infer<typeof SettingsSchema>;

/**
 * Reads and checks every setting.
 * @throws {Error} naming each setting that is missing, unknown or wrong, and what is allowed
 */
export function readSettings(node: Node): Settings {
  const context = Object.entries(node.getAllContext() as Record<string, unknown>);
  const values = Object.fromEntries(
    context
      .filter(([key]) => key.startsWith(PREFIX))
      .map(([key, value]) => [key.slice(PREFIX.length), value]),
  );
  const result = SettingsSchema.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describeIssue(issue, values));
  throw new Error(
    `wrong settings (cdk.json or -c):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  );
}

function describeIssue(issue: z.core.$ZodIssue, values: Record<string, unknown>): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(SettingsSchema.shape).map((key) => PREFIX + key);
    return `${issue.keys.map((key) => PREFIX + key).join(', ')}: unknown; the settings are ${known.join(', ')}`;
  }
  const name = String(issue.path[0]);
  const meaning = SettingsSchema.shape[name as keyof Settings]?.description ?? '';
  if (!(name in values)) return `${PREFIX}${name}: missing; it is ${meaning}`;
  return `${PREFIX}${name} = ${JSON.stringify(values[name])}: ${issue.message}; it is ${meaning}`;
}
