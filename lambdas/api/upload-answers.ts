import * as z from 'zod/mini';
import type { FormatSummary } from '../core/row-batch.ts';
import {
  code,
  count,
  day,
  failure,
  nextAfter,
  nextBefore,
  nextLine,
  objectOf,
  range,
  time,
} from './answer-parts.ts';
import { Origin, values } from './number-answers.ts';
import { REJECT_STATES } from './rejects.ts';

/** Schemas of the answers about uploads. */
const upload = {
  uploadId: z.guid(),
  fileId: z.guid().check(z.describe('Object version, which corrections of its rows name as reject_file.')),
  store: z.string(),
  key: z.string().check(z.describe('Folder and name of the file.')),
  versionId: z.string().check(z.describe('Value of x-amz-version-id in the answer of S3 to the form.')),
  status: z.enum(['loading', 'complete', 'failed', 'superseded']),
  rows: z.object({
    read: count,
    inserted: count,
    duplicate: count,
    conflicting: count,
    rejected: count,
    retracted: count,
    replaced: count,
    open: count.check(z.describe('Rejected rows that are still to be corrected.')),
  }),
  failure: z.nullable(failure),
  firstDay: z.nullable(day),
  lastDay: z.nullable(day),
  receivedAt: time,
  movedAt: time.check(z.describe('Time when the last batch so far was loaded.')),
  completedAt: z.nullable(time),
};

export const Uploads = z.object({ uploads: z.array(z.object(upload)), next: nextBefore });

export const Upload = z.object({
  ...upload,
  header: z.nullable(z.string().check(z.describe('Header as it is in the file.'))),
  format: z.nullable(objectOf<FormatSummary>('Format that the parser detected.')),
  parserRevision: z.string(),
  corrects: z.array(z.guid()).check(z.describe('Uploads whose rejected rows this one corrects, at most 50.')),
  correctedBy: z.array(z.guid()).check(z.describe('Uploads that correct rows of this one, at most 50.')),
  decisions: z.array(
    z.object({
      kind: z.enum(['retract', 'restate', 'waive']),
      reason: z.string(),
      by: z.string(),
      decidedAt: time,
      state: z.enum(['waiting', 'settling', 'done', 'refused']),
      lines: z.nullable(z.string().check(z.describe('Such as {[2,4),[7,8)}; null for the whole file.'))),
    }),
  ),
});

export const Rejects = z.object({
  rejects: z.array(
    z.object({
      line: count,
      field: z.string(),
      code,
      message: z.string(),
      text: z.string().check(z.describe('The row as it is in its file.')),
      isCut: z.boolean().check(z.describe('Whether the text is only the beginning of the row.')),
      state: z.enum(REJECT_STATES),
      correctedBy: z.nullable(z.guid().check(z.describe('First upload that corrects the row.'))),
      firstFile: z
        .guid()
        .check(z.describe('Object version in which the row was rejected first: reject_file.')),
      firstLine: count.check(z.describe('Line of the row there: reject_line.')),
    }),
  ),
  next: nextLine,
});

export const RejectCodes = z.object({
  codes: z.array(z.object({ code, field: z.string(), rows: count, open: count })),
});

export const Conflicts = z.object({
  conflicts: z.array(
    z.object({
      id: z.guid(),
      line: count,
      here: z.object(values).check(z.describe('The version of this upload.')),
      kept: z
        .nullable(z.object({ ...values, origin: Origin }))
        .check(z.describe('The version in the table; null if the caller may not read of its store.')),
    }),
  ),
  next: nextLine,
});

const STATES = ['complete', 'late', 'rejects', 'failed', 'missing', 'none'] as const;
export const Days = z.object({
  ...range,
  days: z.array(
    z.object({
      store: z.string(),
      day: day.check(
        z.describe(
          'Day on which the files arrived, in the time zone of the deadlines of the store; without any, in UTC.',
        ),
      ),
      state: z.enum(STATES),
      uploads: count,
      loading: count,
      failed: count,
      rows: count,
      rejected: count,
      open: count,
      firstArrival: z.nullable(time),
      expected: z.nullable(time.check(z.describe('Time until which a file is expected.'))),
    }),
  ),
  next: nextAfter,
});
