import { FILE_COLUMNS } from '../../columns.ts';
import type { DetectedFormat } from '../../detect/detect-format.ts';
import type { Rules } from '../../rules.ts';

const TITLES = FILE_COLUMNS.map(({ titles }) => titles[0]);

/**
 * The way in which every NDJSON file is written. Rejected items are kept as lines of a CSV with the canonical header. No
 * item decides how another one is read, so that an item means the same in a file and alone.
 */
export const createNdjsonFormat = ({ dateOrder }: Rules): DetectedFormat => ({
  dialect: { delimiter: ',', quote: '"', newline: '\n' },
  header: { titles: TITLES, positions: TITLES.map((_, index) => index) },
  headerText: TITLES.join(','),
  firstRow: { offset: 0, line: 1 },
  values: { dates: { order: dateOrder } },
  summary: { syntax: 'NDJSON', encoding: 'UTF-8' },
});

/** A value that has to be quoted in a line of CSV. */
const QUOTED = /[",\r\n\ufeff]|^ | $/;

/** Writes the values of an item as one line of CSV. */
export function formatValues(values: readonly string[]): string {
  const cells = values.map((value) => (QUOTED.test(value) ? `"${value.replaceAll('"', '""')}"` : value));
  return cells.join(',');
}
