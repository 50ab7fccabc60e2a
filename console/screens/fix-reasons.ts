import type { RejectedEntry } from '../../lambdas/core/api-answers.ts';

/** Rows that were rejected for the same reason. */
export interface Reason {
  readonly name: string;
  readonly code: string;
  /** Title of the column at fault; empty if the row as a whole is. */
  readonly field: string;
  readonly rows: readonly number[];
}

export function nameReason({ code, field }: Pick<RejectedEntry, 'code' | 'field'>): string {
  return `${code} ${field}`;
}

/** Adds rows to their reasons. @param first number of the first of these rows @returns the most frequent reason first */
export function addToReasons(
  reasons: readonly Reason[],
  entries: readonly RejectedEntry[],
  first: number,
): readonly Reason[] {
  const added = new Map(reasons.map((reason) => [reason.name, { ...reason, rows: [...reason.rows] }]));
  for (const [index, entry] of entries.entries()) {
    const { code, field } = entry;
    const name = nameReason(entry);
    const reason = added.get(name) ?? { name, code, field, rows: [] };
    reason.rows.push(first + index);
    added.set(name, reason);
  }
  return sort([...added.values()]);
}

/** Takes rows out of their reasons. */
export function removeFromReasons(
  reasons: readonly Reason[],
  removed: ReadonlySet<number>,
): readonly Reason[] {
  const left = reasons.map((reason) => ({ ...reason, rows: reason.rows.filter((row) => !removed.has(row)) }));
  return sort(left.filter(({ rows }) => rows.length > 0));
}

function sort(reasons: readonly Reason[]): readonly Reason[] {
  return reasons.toSorted((one, other) => other.rows.length - one.rows.length);
}
