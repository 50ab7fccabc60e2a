import { plural } from '../lambdas/core/plural.ts';

/** Results of the rows of an upload, in the order of the bar. They add up to the rows that were read. */
export const FATES = ['inserted', 'duplicate', 'conflicting', 'rejected', 'retracted', 'replaced'] as const;
export type Fate = (typeof FATES)[number];

export interface RowCounts extends Readonly<Record<Fate | 'read', number>> {
  /** Rejected rows that are still to be corrected; all of them without this number. */
  readonly open?: number;
}

/** Counts the rejected rows that need no correction any more. */
export function countSettled({ rejected, open = rejected }: RowCounts): number {
  return rejected - open;
}

export interface FateText {
  /** Class of the style sheet that gives the colour and the pattern. */
  readonly style: string;
  readonly label: string;
  readonly meaning: string;
}

export const FATE_TEXTS: Readonly<Record<Fate, FateText>> = {
  inserted: { style: 'inserted', label: 'New', meaning: 'The row is in the table.' },
  duplicate: {
    style: 'duplicate',
    label: 'Already known',
    meaning: 'The same row came before. It is in the table once.',
  },
  conflicting: {
    style: 'conflict',
    label: 'Known, but different',
    meaning: 'Another row with this id came first, and it stays in the table until an operator decides.',
  },
  rejected: {
    style: 'rejected',
    label: 'To correct',
    meaning: 'The row breaks a rule. It is not in the table.',
  },
  retracted: {
    style: 'retracted',
    label: 'Taken out',
    meaning: 'An operator took the rows of the file out.',
  },
  replaced: {
    style: 'replaced',
    label: 'Replaced',
    meaning: 'An operator chose another version of the row.',
  },
};

/** Rejected rows when each is corrected, or needs no correction. */
export const SETTLED_TEXT: FateText = {
  style: 'settled',
  label: 'Settled',
  meaning: 'The row broke a rule. It was corrected by another file, or needs no correction any more.',
};

export interface Segment {
  readonly fate: Fate | 'pending';
  readonly rows: number;
  /** Position and width in percent of the bar. */
  readonly start: number;
  readonly width: number;
}

/** Width below which a segment cannot be seen or hit, in percent. */
const MIN_WIDTH = 1.5;

/**
 * Divides a bar among the results. Widths add up to 100 for the rows that were read. Each result keeps a width that
 * can be seen, at the cost of the large ones.
 */
export function divideBar(rows: RowCounts): Segment[] {
  const counted = FATES.reduce((sum, fate) => sum + rows[fate], 0);
  const parts = [
    ...FATES.map((fate) => ({ fate, rows: rows[fate] })),
    { fate: 'pending' as const, rows: Math.max(0, rows.read - counted) },
  ].filter((part) => part.rows > 0);
  const widths = shareWidths(parts.map((part) => part.rows));
  let start = 0;
  return parts.map((part, index) => {
    const width = widths[index]!;
    start += width;
    return { ...part, start: start - width, width };
  });
}

/** Shares 100 by weight, or with a minimum for each if one would be too small. */
function shareWidths(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isSmall = weights.some((weight) => (weight / total) * 100 < MIN_WIDTH);
  const minimum = isSmall ? MIN_WIDTH : 0;
  return weights.map((weight) => minimum + (weight / total) * (100 - weights.length * minimum));
}

/** Says a bar in words, for the screen reader and for narrow screens. */
export function describeFates(rows: RowCounts, formatCount: (count: number) => string): string {
  const settled = countSettled(rows);
  const parts = FATES.map((fate) => ({
    fate,
    count: fate === 'rejected' ? rows.rejected - settled : rows[fate],
  }))
    .filter(({ count }) => count > 0)
    .map(({ fate, count }) => `${formatCount(count)} ${FATE_TEXTS[fate].label.toLowerCase()}`);
  if (settled > 0) parts.push(`${formatCount(settled)} settled`);
  return parts.length === 0
    ? 'No rows'
    : `${formatCount(rows.read)} ${plural(rows.read, 'row')}: ${parts.join(', ')}`;
}
