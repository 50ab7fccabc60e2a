import * as z from 'zod/mini';
import type { CheckFindingKind } from '../core/api-answers.ts';
import { count, day, time } from './answer-parts.ts';

const KINDS = [
  'lost',
  'stuck',
  'unsent',
  'difference',
  'endangered',
  'missing',
] as const satisfies readonly CheckFindingKind[];

const Finding = z.object({
  kind: z.enum(KINDS),
  text: z.string().check(z.describe('What is the case, in words.')),
  uploadId: z.exactOptional(z.string()),
  store: z.exactOptional(z.string()),
  fileName: z.exactOptional(z.string()),
  day: z.exactOptional(day.check(z.describe('Day of a missing file, in the time zone of the store.'))),
});

const stateOf = <Counts extends z.ZodMiniType>(counts: Counts) =>
  z.object({
    everyMinutes: count.check(z.describe('Time between two runs.')),
    last: z.exactOptional(
      z
        .object({
          finishedAt: time,
          counts,
          findings: z.array(Finding).check(z.describe('At most 100.')),
          moreFindings: count,
        })
        .check(z.describe('Result of the last run that ended; absent before the first.')),
    ),
    dueAt: z.exactOptional(time),
    isOverdue: z.boolean().check(z.describe('True if the next run should have ended.')),
  });

export const Checks = z.object({
  sweep: stateOf(
    z.object({
      files: count.check(z.describe('Versions of files in the bucket that were listed.')),
      compared: count.check(
        z.describe(
          'Those compared with the ledger: none if no file came for hours, so that the database pauses.',
        ),
      ),
      lost: count.check(z.describe('Files without an upload that were sent to the parser.')),
      stuck: count.check(z.describe('Uploads without progress that were sent to the parser again.')),
      unsent: count.check(z.describe('Uploads whose receipts were not sent, and now are.')),
    }),
  ),
  verify: stateOf(
    z.object({
      uploads: count,
      rows: count.check(z.describe('Rows that these uploads have read.')),
      differences: count,
      stuck: count.check(z.describe('Uploads without progress.')),
      stores: count.check(z.describe('Stores that have a deadline.')),
      missing: count.check(z.describe('Days of stores without a file by their deadline.')),
    }),
  ),
});
