import { FILE_COLUMNS } from '../columns.ts';
import type { Profile } from '../profile.ts';
import { normalizeTitle } from './titles.ts';

/** An amount that the file does not have, and the columns from which it is computed. */
export interface ColumnSum {
  /** Index in {@link FILE_COLUMNS}. */
  readonly column: number;
  readonly parts: readonly { readonly position: number; readonly isSubtracted: boolean }[];
}

/** Mark before the title of a column that is subtracted. */
const MINUS = '-';

/** Finds the sums of the profile of which the file has every column, and only once. */
export function findSums(titles: readonly string[], profile: Profile | undefined): ColumnSum[] {
  const keys = titles.map(normalizeTitle);
  return FILE_COLUMNS.flatMap(({ titles: [title] }, column) => {
    const parts = Object.entries(profile?.sums ?? {}).find(([sum]) => sum === title)?.[1] ?? [];
    const found = parts.map((part) => {
      const key = normalizeTitle(part.startsWith(MINUS) ? part.slice(MINUS.length) : part);
      const position = keys.indexOf(key);
      const isOnly = position >= 0 && position === keys.lastIndexOf(key);
      return { position: isOnly ? position : -1, isSubtracted: part.startsWith(MINUS) };
    });
    const isComplete = found.length > 0 && found.every(({ position }) => position >= 0);
    return isComplete ? [{ column, parts: found }] : [];
  });
}

/** Writes a sum for messages, as `Net sales + Taxes`. */
export function describeSum({ parts }: ColumnSum, titles: readonly string[]): string {
  return parts
    .map(({ position, isSubtracted }, index) => {
      const sign = isSubtracted ? '- ' : index === 0 ? '' : '+ ';
      return `${sign}${titles[position]}`;
    })
    .join(' ');
}
