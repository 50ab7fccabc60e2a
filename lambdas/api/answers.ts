import * as z from 'zod/mini';
import type {
  AcceptedCall,
  AlarmsAnswer,
  BalanceAnswer,
  ChecksAnswer,
  ConflictsAnswer,
  DaysAnswer,
  DeadLettersAnswer,
  FormAnswer,
  ProductsAnswer,
  RedriveAnswer,
  RejectCodesAnswer,
  RejectNumbersAnswer,
  RejectsAnswer,
  RulesAnswer,
  SessionAnswer,
  SoldAnswer,
  StatusAnswer,
  TopProductsAnswer,
  TransactionsAnswer,
  UploadAnswer,
  UploadsAnswer,
} from '../core/api-answers.ts';
import { FILE_COLUMNS } from '../core/columns.ts';
import { REJECT_CODES } from '../core/reject-codes.ts';
import type { Rules } from '../core/rules.ts';
import type { RouteName } from '../shared/api-routes.ts';
import { QUEUES } from '../shared/dead-letters.ts';
import { count, failure, objectOf, time } from './answer-parts.ts';
import { Checks } from './check-answers.ts';
import { Balance, Products, RejectNumbers, Sold, TopProducts, Transactions } from './number-answers.ts';
import { PROBLEMS } from './problem.ts';
import { Conflicts, Days, RejectCodes, Rejects, Upload, Uploads } from './upload-answers.ts';

/** Schemas of what the API reads and answers, for its description and for tests. The function does not contain them. */
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
  uploadId: z.exactOptional(
    z.guid().check(z.describe('The upload that has the call; absent while it waits.')),
  ),
  items: z.exactOptional(count),
  inserted: z.exactOptional(
    count.check(z.describe('This count and the next five are present once it is complete.')),
  ),
  duplicate: z.exactOptional(count),
  conflicting: z.exactOptional(count),
  rejected: z.exactOptional(count),
  retracted: z.exactOptional(count.check(z.describe('Items of a file that an operator retracted.'))),
  replaced: z.exactOptional(count.check(z.describe('Items of which an operator restated another version.'))),
  rejects: z.exactOptional(z.array(Refused).check(z.describe('The first 100 rejected items.'))),
  failure: z.exactOptional(failure),
  receivedAt: z.exactOptional(time),
  completedAt: z.exactOptional(time),
});

const Session = z.object({
  stage: z.string(),
  role: z.enum(['operator', 'sender', 'viewer']),
  stores: z.array(z.string()).check(z.describe('Stores of which the caller may read.')),
  sends: z.array(z.string()).check(z.describe('Stores to which the caller may send.')),
  sendsOthers: z
    .boolean()
    .check(
      z.describe('Whether the caller may send to every other store too: retail:unknownStores = accept.'),
    ),
});

const StoreRules = z.object({
  rules: objectOf<Rules>(
    'Taxes, returns, dates, columns and profile, as docs/data-contract.md describes them.',
  ),
  limits: z.object({ maxMessageBytes: count, maxUnpackedMiB: count, maxRejectedRows: count }),
  parserRevision: z.string().check(z.describe('Changes whenever the parser could read a file differently.')),
});

const Queue = z.object({ waiting: count, inProgress: count, deadLetters: count });
const Status = z.object({ calls: Queue, uploads: Queue, rows: Queue });

const Letter = z.object({
  queue: z.enum(QUEUES),
  id: z.string(),
  reason: z.string().check(z.describe('Why no function could handle the message.')),
  since: time,
  about: z.string().check(z.describe('Subject of the message: the file, and its part.')),
});
const DeadLetters = z.object({
  queues: z.array(
    z.object({
      queue: z.enum(QUEUES),
      count: count.check(z.describe('Approximate number of messages.')),
      letters: z.array(Letter).check(z.describe('Some of them, at most ten.')),
    }),
  ),
});
const Redrive = z.object({
  sent: z.array(Letter).check(z.describe('Messages that were sent back to their queue.')),
  hasMore: z
    .boolean()
    .check(z.describe('True if the call ended before it had received all messages: call it again.')),
});

const Alarms = z.object({
  isMonitored: z.boolean().check(z.describe('False in a stage without alarms.')),
  alarms: z.array(
    z.object({
      name: z.string(),
      heading: z.string().check(z.describe('Heading in docs/runbook.md.')),
      severity: z.enum(['critical', 'warning']),
      meaning: z.string(),
      state: z.enum(['alarm', 'ok', 'unknown']).check(z.describe('An unknown alarm has not enough data.')),
      since: z.exactOptional(time),
      reason: z.string().check(z.describe('Why CloudWatch gave it this state.')),
      runbook: z.string(),
      advice: z.exactOptional(
        z.string().check(z.describe('What the runbook says to do. Only an alarm that is raised has it.')),
      ),
    }),
  ),
});

/** Body of an answer below 300, by route. The console and other clients have the types. */
interface Bodies extends Record<RouteName, object> {
  sendTransactions: AcceptedCall;
  createUpload: FormAnswer;
  getSession: SessionAnswer;
  getRules: RulesAnswer;
  listUploads: UploadsAnswer;
  getUpload: UploadAnswer;
  listRejects: RejectsAnswer;
  countRejects: RejectCodesAnswer;
  listConflicts: ConflictsAnswer;
  findProducts: ProductsAnswer;
  getBalance: BalanceAnswer;
  getTopProducts: TopProductsAnswer;
  getSold: SoldAnswer;
  getRejectNumbers: RejectNumbersAnswer;
  listTransactions: TransactionsAnswer;
  listDays: DaysAnswer;
  listChecks: ChecksAnswer;
  listDeadLetters: DeadLettersAnswer;
  redriveDeadLetters: RedriveAnswer;
  listAlarms: AlarmsAnswer;
  getStatus: StatusAnswer;
}

export const ANSWERS = {
  sendTransactions: { status: 202, schema: Accepted },
  createUpload: { status: 201, schema: Form },
  createTicket: { status: 201, schema: Ticket },
  getReceipt: { status: 200, schema: Receipt },
  getRules: { status: 200, schema: StoreRules },
  getSession: { status: 200, schema: Session },
  listUploads: { status: 200, schema: Uploads },
  getUpload: { status: 200, schema: Upload },
  listRejects: { status: 200, schema: Rejects },
  countRejects: { status: 200, schema: RejectCodes },
  listConflicts: { status: 200, schema: Conflicts },
  findProducts: { status: 200, schema: Products },
  getBalance: { status: 200, schema: Balance },
  getTopProducts: { status: 200, schema: TopProducts },
  getSold: { status: 200, schema: Sold },
  getRejectNumbers: { status: 200, schema: RejectNumbers },
  listTransactions: { status: 200, schema: Transactions },
  listDays: { status: 200, schema: Days },
  listChecks: { status: 200, schema: Checks },
  listDeadLetters: { status: 200, schema: DeadLetters },
  redriveDeadLetters: { status: 200, schema: Redrive },
  listAlarms: { status: 200, schema: Alarms },
  getStatus: { status: 200, schema: Status },
  getDocument: { status: 200, schema: z.looseObject({ openapi: z.string() }) },
} as const satisfies {
  readonly [Name in RouteName]: { readonly status: number; readonly schema: z.ZodMiniType<Bodies[Name]> };
};

export const Problem = z.object({
  type: z.enum(Object.keys(PROBLEMS).map((code) => `urn:retail:problem:${code}`)),
  title: z.string(),
  status: z.int(),
  detail: z.string().check(z.describe('What happened, and what to do.')),
});
