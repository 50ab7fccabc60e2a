import { ServiceError } from '../gateway/service.ts';
import { type Parameters, refuseUnknown } from './parameters.ts';
import type { QueueSettings } from './queue-settings.ts';
import type { SqliteQueueEngine } from './sqlite-engine.ts';

/** SQS API reference, "SendMessageBatch". */
const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

/** A call of an action on one queue. */
export interface ActionCall {
  readonly queue: QueueSettings;
  readonly engine: SqliteQueueEngine;
  readonly parameters: Parameters;
  /** Ends a long poll whose caller has gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface Action {
  /** Supported parameters in addition to QueueUrl; any other is refused. */
  readonly parameters: readonly string[];
  run(call: ActionCall): Promise<object>;
}

/** An action on one message, which has a batch form with an entry for each message. */
export interface EntryAction<Work, Result> {
  readonly parameters: readonly string[];
  /** @throws {ServiceError} if this entry is invalid */
  read(entry: Parameters, queue: QueueSettings): Work;
  /** Carries out all entries in one step. */
  run(call: ActionCall, work: readonly Work[]): Promise<readonly Result[]>;
  /** @throws {ServiceError} if the engine could not do this entry */
  answer(work: Work, result: Result | undefined): object;
  /** @throws {ServiceError} if the batch as a whole is invalid */
  checkBatch?(entries: readonly Parameters[]): void;
}

/** The form of an action for one message. */
export function forOne<Work, Result>(action: EntryAction<Work, Result>): Action {
  return {
    parameters: action.parameters,
    async run(call) {
      const work = action.read(call.parameters, call.queue);
      const [result] = await action.run(call, [work]);
      return action.answer(work, result);
    },
  };
}

/** The form of an action for up to 10 messages: invalid entries fail, and the others are carried out. */
export function forBatch<Work, Result>(name: string, action: EntryAction<Work, Result>): Action {
  return {
    parameters: ['Entries'],
    async run(call) {
      const entries = readEntries(name, call.parameters, action.parameters);
      action.checkBatch?.(entries);
      const Failed: object[] = [];
      const attempt = <Value>({ Id }: Parameters, work: () => Value): Value[] => {
        try {
          return [work()];
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
          return [];
        }
      };
      const valid = entries.flatMap((entry) =>
        attempt(entry, () => ({ entry, work: action.read(entry, call.queue) })),
      );
      const results = await action.run(
        call,
        valid.map(({ work }) => work),
      );
      const Successful = valid.flatMap(({ entry, work }, index) =>
        attempt(entry, () => ({ Id: entry.Id, ...action.answer(work, results[index]) })),
      );
      return { Successful, Failed };
    },
  };
}

function readEntries(action: string, { Entries }: Parameters, known: readonly string[]): Parameters[] {
  const entries = (Array.isArray(Entries) ? Entries : []).map((entry) => Object(entry) as Parameters);
  if (entries.length === 0) {
    throw new ServiceError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  }
  if (entries.length > MAX_ENTRIES) {
    const message = `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`;
    throw new ServiceError('TooManyEntriesInBatchRequest', message);
  }
  for (const entry of entries) {
    refuseUnknown(`${action}RequestEntry`, entry, ['Id', ...known]);
    if (typeof entry.Id === 'string' && ENTRY_ID.test(entry.Id)) continue;
    const rule =
      'can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.';
    throw new ServiceError('InvalidBatchEntryId', `A batch entry id ${rule}`);
  }
  const repeated = entries.find(({ Id }, index) => entries.findIndex((other) => other.Id === Id) < index);
  if (repeated === undefined) return entries;
  throw new ServiceError('BatchEntryIdsNotDistinct', `Id ${repeated.Id} repeated.`);
}
