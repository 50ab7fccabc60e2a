import { ServiceError } from '../gateway/service.ts';
import type { QueueEngine, QueueSettings } from './queue-engine.ts';

/** Smallest and largest values of parameters (SQS API reference, the actions on messages). */
const RANGES = {
  DelaySeconds: [0, 900],
  MaxNumberOfMessages: [1, 10],
  VisibilityTimeout: [0, 43_200],
  WaitTimeSeconds: [0, 20],
} as const;

/** Members of a request in JSON, or of an entry of a batch. */
export type Parameters = Readonly<Record<string, unknown>>;

/** @throws {ServiceError} UnsupportedOperation for the first parameter that the local cloud does not support */
export function refuseUnknown(action: string, parameters: Parameters, known: readonly string[]): void {
  const unknown = Object.keys(parameters).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unsupported(`${action}'s ${unknown}`);
}

/** @throws {ServiceError} MissingParameter or InvalidParameterValue */
export function readString(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === '') throw missing(name);
  if (typeof value !== 'string') throw invalid(name, value, 'Must be a string.');
  return value;
}

/**
 * @param fallback value of a parameter that is not set; without it, the parameter is required
 * @throws {ServiceError} MissingParameter or InvalidParameterValue
 */
export function readInteger(parameters: Parameters, name: keyof typeof RANGES, fallback?: number): number {
  const [min, max] = RANGES[name];
  const value = parameters[name] ?? fallback;
  if (value === undefined) throw missing(name);
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw invalid(name, value, `Must be between ${min} and ${max}, if provided.`);
}

/**
 * Reads a list of attribute names, in which `All` is all known ones.
 * @throws {ServiceError} InvalidParameterValue or InvalidAttributeName
 */
export function selectNames(
  parameters: Parameters,
  name: string,
  known: readonly string[],
): readonly string[] {
  const names = readNames(parameters, name);
  const unknown = names.find((wanted) => wanted !== 'All' && !known.includes(wanted));
  if (unknown === undefined) return names.includes('All') ? known : names;
  throw new ServiceError('InvalidAttributeName', `the local cloud does not support the attribute ${unknown}`);
}

/** @throws {ServiceError} InvalidParameterValue */
export function readNames(parameters: Parameters, name: string): readonly string[] {
  const value = parameters[name] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw invalid(name, value, 'Must be a list of names.');
}

export function invalid(name: string, value: unknown, reason: string): ServiceError {
  const text = typeof value === 'object' ? 'of another type' : String(value);
  return invalidValue(`Value ${text} for parameter ${name} is invalid. Reason: ${reason}`);
}

export function invalidValue(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

export function unsupported(what: string): ServiceError {
  return new ServiceError('UnsupportedOperation', `the local cloud does not support ${what}`);
}

function missing(name: string): ServiceError {
  return new ServiceError('MissingParameter', `The request must contain the parameter ${name}.`);
}

/** SQS API reference, "SendMessageBatch". */
const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

interface ActionCall {
  readonly queue: QueueSettings;
  readonly engine: QueueEngine;
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
  answer(work: Work, result: Result): object;
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
      return action.answer(work, result!);
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
        attempt(entry, () => ({ Id: entry.Id, ...action.answer(work, results[index]!) })),
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
