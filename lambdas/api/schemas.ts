import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { MAX_NAME_CHARACTERS } from '../core/upload-key.ts';

z.config(en());

/** The maximum of an upload in one request (S3 user guide, "Uploading objects"). */
const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;

/** Body of a request for an upload. */
export const UploadRequest = z.strictObject({
  fileName: z.string().check(
    z.maxLength(MAX_NAME_CHARACTERS),
    // S3 puts another name in place of this variable, which the policy of the form does not check.
    z.regex(
      /^(?!\.{1,2}$)(?!.*\$\{filename\})[^/\\\p{C}]+$/u,
      'a file name without folders and control characters',
    ),
    z.describe('Name of the file, without folders, such as retail_15_01_2022.csv.'),
  ),
  size: z.int().check(z.minimum(1), z.maximum(MAX_UPLOAD_BYTES), z.describe('Size of the file, in bytes.')),
});

const MAX_MESSAGES = 200;

/** Body of a request to send dead letters back to their queue. */
export const RedriveRequest = z.strictObject({
  messages: z.optional(
    z
      .array(z.string())
      .check(
        z.minLength(1),
        z.maxLength(MAX_MESSAGES),
        z.describe('Ids of messages. By default all are sent back.'),
      ),
  ),
});

const FrameId = z.string().check(z.minLength(1), z.maxLength(100));

/** Message of a WebSocket client. */
export const Frame = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('ping'), id: z.optional(FrameId) }),
  z.strictObject({ action: z.literal('transactions'), id: FrameId, items: z.array(z.unknown()) }),
]);

/** Says which values are wrong, and how. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}
