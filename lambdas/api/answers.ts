import * as z from 'zod/mini';
import { FILE_COLUMNS } from '../core/columns.ts';
import { REJECT_CODES } from '../core/reject-codes.ts';
import type { RouteName } from '../shared/api-routes.ts';
import { PROBLEMS } from './problem.ts';

/** Schemas of what the API reads and answers, for its description and for tests. The function does not contain them. */
const count = z.int().check(z.minimum(0));
const time = z.iso.datetime().check(z.describe('ISO 8601, in UTC.'));
const receipt = z.uuid().check(z.describe('Identifies the call. The same call has the same receipt.'));
const value = z.union([z.string(), z.number(), z.null()]);

/** An item, with the canonical names of its members. A member may be missing if its column is optional. */
export const Transaction = z
  .looseObject(Object.fromEntries(FILE_COLUMNS.map(({ titles }) => [titles[0], z.optional(value)])))
  .check(z.describe('Values are strings or numbers, by the rules of docs/data-contract.md.'));

const Refused = z.object({
  index: count.check(z.describe('Place of the item in the call, from 0.')),
  field: z.string().check(z.describe('Name of the member at fault; empty if the item as a whole is.')),
  code: z.enum(Object.keys(REJECT_CODES)),
  message: z.string().check(z.describe('Every problem of the item, in sentences.')),
});

const Accepted = z.object({
  receipt,
  accepted: count.check(z.describe('Number of items that will be loaded.')),
  refused: z
    .array(Refused)
    .check(z.describe('Items that break a rule. The ledger has them as rejected rows.')),
});

const Form = z.object({
  url: z.url(),
  fields: z
    .record(z.string(), z.string())
    .check(
      z.describe('Fields of a multipart/form-data request. The file follows as the last field, "file".'),
    ),
  expiresAt: time,
});

const Ticket = z.object({
  ticket: z.string().check(z.describe('Opens one connection of the WebSocket API.')),
  url: z.url().check(z.describe('Address of the WebSocket API. Append "?ticket=" and the ticket.')),
  expiresAt: time,
});

const Receipt = z.object({
  receipt,
  status: z.string().check(z.describe('waiting, or the status of the upload: loading, complete or failed.')),
  uploadId: z.optional(z.guid().check(z.describe('The upload that has the call; absent while it waits.'))),
  items: z.optional(count),
  inserted: z.optional(
    count.check(z.describe('This count and the next five are present once it is complete.')),
  ),
  duplicate: z.optional(count),
  conflicting: z.optional(count),
  rejected: z.optional(count),
  retracted: z.optional(count.check(z.describe('Items of a file that an operator retracted.'))),
  replaced: z.optional(count.check(z.describe('Items of which an operator restated another version.'))),
  rejects: z.optional(z.array(Refused).check(z.describe('The first 100 rejected items.'))),
  failure: z.optional(z.object({ code: z.string(), message: z.string() })),
  receivedAt: z.optional(time),
  completedAt: z.optional(time),
});

const Upload = z.object({
  uploadId: z.guid(),
  store: z.string(),
  key: z.string().check(z.describe('Folder and name of the file.')),
  status: z.string().check(z.describe('loading, complete, failed or superseded.')),
  rows: z.object({
    read: count,
    inserted: count,
    duplicate: count,
    conflicting: count,
    rejected: count,
    retracted: count,
    replaced: count,
  }),
  failure: z.nullable(z.object({ code: z.string(), message: z.string() })),
  receivedAt: time,
  completedAt: z.nullable(time),
});

const Uploads = z.object({
  uploads: z.array(Upload),
  next: z.optional(z.string().check(z.describe('Value of "before" for the next page; absent on the last.'))),
});

const Rejects = z.object({
  rejects: z.array(
    z.object({
      line: count,
      field: z.string(),
      code: z.string(),
      message: z.string(),
      text: z.string().check(z.describe('The row as it is in its file.')),
      isCut: z.boolean().check(z.describe('Whether the text is only the beginning of the row.')),
    }),
  ),
  next: z.optional(count.check(z.describe('Value of "after" for the next page; absent on the last.'))),
});

const Queue = z.object({ waiting: count, inProgress: count, deadLetters: count });
const Status = z.object({ calls: Queue, uploads: Queue, rows: Queue });

/** Body of an answer below 300, by route. */
export const ANSWERS = {
  sendTransactions: { status: 202, schema: Accepted },
  createUpload: { status: 201, schema: Form },
  createTicket: { status: 201, schema: Ticket },
  getReceipt: { status: 200, schema: Receipt },
  listUploads: { status: 200, schema: Uploads },
  getUpload: { status: 200, schema: Upload },
  listRejects: { status: 200, schema: Rejects },
  getStatus: { status: 200, schema: Status },
  getDocument: { status: 200, schema: z.looseObject({ openapi: z.string() }) },
} as const satisfies Record<RouteName, { readonly status: number; readonly schema: z.ZodMiniType }>;

export const Problem = z.object({
  type: z.enum(Object.keys(PROBLEMS).map((code) => `urn:retail:problem:${code}`)),
  title: z.string(),
  status: z.int(),
  detail: z.string().check(z.describe('What happened, and what to do.')),
});
