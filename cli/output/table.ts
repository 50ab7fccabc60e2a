import { escapeText } from './escape.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null;
  /** True for a column that is shortened if the table is wider than the terminal. @default false */
  readonly isShortened?: boolean;
}

/** Width of the lines if the output is not a terminal. */
const FILE_WIDTH = 200;
const MIN_SHORTENED_WIDTH = 12;

/**
 * Formats the lines of a table: numbers are aligned to the right, everything else to the left.
 * @param maxWidth of a line, which the columns that are shortened respect
 */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  maxWidth = process.stdout.columns ?? FILE_WIDTH,
): string[] {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => formatCell(line[index]!).length)),
  );
  for (const [index, { isShortened = false }] of columns.entries()) {
    const excess = widths.reduce((sum, width) => sum + width + 2, -2) - maxWidth;
    if (isShortened && excess > 0) widths[index] = Math.max(MIN_SHORTENED_WIDTH, widths[index]! - excess);
  }
  const isNumeric = columns.map((_, index) => cells.some((line) => typeof line[index] === 'number'));
  const formatLine = (line: readonly (string | number | null)[]) =>
    line
      .map((cell, index) => {
        const text = shorten(formatCell(cell), widths[index]!);
        return isNumeric[index] ? text.padStart(widths[index]!) : text.padEnd(widths[index]!);
      })
      .join('  ')
      .trimEnd();
  const titles = formatLine(columns.map(({ title }) => title));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [titles, rule, ...cells.map(formatLine)];
}

function formatCell(cell: string | number | null): string {
  if (cell === null) return '';
  return typeof cell === 'number' ? formatNumber(cell) : escapeText(cell);
}

/** Leaves out the middle: the end of a file name tells as much as its beginning. */
function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`;
}

/** Formats a number for people, as in 200,000. */
export function formatNumber(number: number): string {
  return number.toLocaleString('en-US');
}
