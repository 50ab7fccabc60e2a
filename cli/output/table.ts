import { escapeText } from './escape.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null;
}

/** Formats the lines of a table: numbers are aligned to the right, everything else to the left. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => formatCell(line[index]!).length)),
  );
  const isNumeric = columns.map((_, index) => cells.some((line) => typeof line[index] === 'number'));
  const formatLine = (line: readonly (string | number | null)[]) =>
    line
      .map((cell, index) => {
        const text = formatCell(cell);
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
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : escapeText(cell);
}
