export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null;
}

/** Rows under their titles, in columns: numbers to the right, all else to the left. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((line) => textOf(line[index]!).length)),
  );
  const isNumeric = columns.map((_, index) => cells.some((line) => typeof line[index] === 'number'));
  const format = (line: readonly (string | number | null)[]) =>
    line
      .map((cell, index) =>
        isNumeric[index] ? textOf(cell).padStart(widths[index]!) : textOf(cell).padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  return [format(titles), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(format)].join(
    '\n',
  );
}

function textOf(cell: string | number | null): string {
  return cell === null ? '' : typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
