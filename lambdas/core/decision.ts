import type { Failure } from './reject-codes.ts';
import type { DecisionMessage, RowBatch, Upload } from './row-batch.ts';
import { INCOMING_PREFIX, readStore } from './upload-key.ts';

/** Prefix of the keys of decisions. Only operators may put objects there. */
const DECISIONS_PREFIX = `${INCOMING_PREFIX}decisions/`;
const DECISION_VERSION = 1;
const DECISION_KINDS: readonly DecisionMessage['kind'][] = ['retract', 'restate', 'waive'];
export type DecisionKind = DecisionMessage['kind'];

/** Limits that keep a decision within one message. */
export const MAX_DECISION_LINES = 10_000;
export const MAX_REASON_CHARACTERS = 1_000;
const MAX_LINE = 2 ** 31 - 1;
const MAX_KEY_CHARACTERS = 1_024;
/** How far the clock of a person who decides may be ahead of that of S3. */
const MAX_CLOCK_ERROR_MILLISECONDS = 3_600_000;
const DAY_MILLISECONDS = 86_400_000;

const KEY = new RegExp(
  `^${DECISIONS_PREFIX}(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z)-(${DECISION_KINDS.join('|')})-[0-9a-f]{8}\\.json$`,
);
const MEMBERS = ['version', 'kind', 'file', 'lines', 'reason', 'by', 'force'];

/** Content of a decision's object: how an operator treats one object version. */
export interface Decision {
  readonly version: typeof DECISION_VERSION;
  /**
   * `retract` takes the rows of the file out of the table, `restate` makes them the valid versions of their ids, and
   * `waive` says that its rejected rows need no correction.
   */
  readonly kind: DecisionKind;
  readonly file: { readonly key: string; readonly versionId: string };
  /** Lines of the file. @default all lines; a file is always retracted as a whole */
  readonly lines?: readonly number[];
  readonly reason: string;
  /** The person who decides. */
  readonly by: string;
  /** True to change rows of closed days. @default false */
  readonly force?: boolean;
}

export function isDecisionKey(key: string): boolean {
  return key.startsWith(DECISIONS_PREFIX);
}

/** Builds the key of a decision. Keys order decisions by time. @param suffix 8 hexadecimal digits */
export function buildDecisionKey(kind: DecisionKind, time: Date, suffix: string): string {
  return `${DECISIONS_PREFIX}${time.toISOString()}-${kind}-${suffix}.json`;
}

/**
 * Makes the only batch of the object of a decision.
 * @param text content of the object
 * @param closeAfterDays number of days after which a day is closed; undefined if days are never closed
 * @returns the failure if the object is not a decision
 */
export function parseDecision(
  upload: Upload,
  text: string,
  closeAfterDays: number | undefined,
): { readonly batch: RowBatch } | { readonly failure: Failure } {
  const [, decidedAt, kind] = KEY.exec(upload.key) ?? [];
  if (decidedAt === undefined || Number.isNaN(Date.parse(decidedAt))) {
    return refuse('its key is not incoming/decisions/<time>-<kind>-<8 hexadecimal digits>.json');
  }
  if (Date.parse(decidedAt) > Date.parse(upload.receivedAt) + MAX_CLOCK_ERROR_MILLISECONDS) {
    return refuse(`the time in its key, ${decidedAt}, is in the future`);
  }
  const decision = readJson(text);
  const fault = findFault(decision);
  if (fault !== undefined) return refuse(fault);
  const { file, lines, reason, by, force: isForced = false } = decision as unknown as Decision;
  if (decision.kind !== kind) return refuse(`its kind is not "${kind}", as in its key`);
  const closedUntil =
    closeAfterDays === undefined
      ? undefined
      : new Date(Date.parse(decidedAt) - (closeAfterDays + 1) * DAY_MILLISECONDS).toISOString().slice(0, 10);
  return {
    batch: {
      version: 1,
      upload: { ...upload, storeId: readStore(file.key) },
      batch: 1,
      rowCount: 0,
      rows: NO_ROWS,
      rejects: [],
      decision: { kind: kind as DecisionKind, ...file, lines, reason, by, isForced, closedUntil, decidedAt },
      closing: { batches: 1, rowsRead: 0 },
    },
  };
}

const NO_ROWS = {
  lines: '{}',
  ids: '{}',
  dates: '{}',
  categories: '{}',
  names: '{}',
  quantities: '{}',
  amountsExclTax: '{}',
  amountsIncTax: '{}',
};

function refuse(fault: string): { readonly failure: Failure } {
  const message = `The object is not a decision: ${fault}. Use "retail retract", "retail restate" or "retail waive".`;
  return { failure: { code: 'decision-invalid', message } };
}

function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Describes the first member that is wrong. */
function findFault(decision: Readonly<Record<string, unknown>>): string | undefined {
  const { version, kind, file, lines, reason, by, force } = decision;
  const unknown = Object.keys(decision).find((name) => !MEMBERS.includes(name));
  if (version !== DECISION_VERSION) return `"version" is not ${DECISION_VERSION}`;
  if (unknown !== undefined) return `it has the unknown member ${JSON.stringify(unknown.slice(0, 50))}`;
  const { key, versionId } = Object(file) as Record<string, unknown>;
  if (
    !isText(key, MAX_KEY_CHARACTERS) ||
    !key.startsWith(INCOMING_PREFIX) ||
    key.startsWith(DECISIONS_PREFIX)
  ) {
    return '"file.key" is not the key of an upload';
  }
  if (!isText(versionId, MAX_KEY_CHARACTERS)) return '"file.versionId" is not an object version';
  if (!isText(reason, MAX_REASON_CHARACTERS)) {
    return `"reason" is not a text of 1 to ${MAX_REASON_CHARACTERS} characters`;
  }
  if (!isText(by, MAX_REASON_CHARACTERS)) return '"by" is not the name of a person';
  if (force !== undefined && typeof force !== 'boolean') return '"force" is not true or false';
  if (lines === undefined) return undefined;
  if (kind === 'retract') return 'a file is retracted as a whole, without "lines"';
  return isLines(lines) ? undefined : `"lines" is not a list of 1 to ${MAX_DECISION_LINES} line numbers`;
}

function isText(value: unknown, maxCharacters: number): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    value.length <= maxCharacters &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}

function isLines(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MAX_DECISION_LINES &&
    value.every((line) => Number.isInteger(line) && line > 0 && line <= MAX_LINE)
  );
}
