import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type CsvColumn, writeCsv } from '../csv-text.ts';
import { format } from '../format.ts';
import { Icon } from './icon.tsx';

/** A column of a table for people, and of its CSV. */
export interface TableColumn<Row> extends CsvColumn<Row> {
  /** Title for people; the CSV has `title`. */
  readonly heading: string;
  /** What the cell shows. @default the value of the CSV */
  readonly cell?: (row: Row) => ComponentChildren;
  readonly isNumeric?: boolean;
}

interface Props<Row> {
  /** Says what the table has. */
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** Rows that are shown at first. @default 100 */
  readonly maxRows?: number;
}

const FIRST_ROWS = 100;
/** A box that scrolls must be reachable with the keyboard. */
const SCROLLABLE = { tabIndex: 0 };

/** A table with headers. A long one begins with its first rows. */
export function DataTable<Row>({ caption, columns, rows, keyOf, maxRows = FIRST_ROWS }: Props<Row>) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? rows : rows.slice(0, maxRows);
  return (
    <>
      <section class="table-box data-table" {...SCROLLABLE} aria-label={caption}>
        <table>
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ heading, isNumeric }) => (
                <th key={heading} scope="col" class={isNumeric ? 'number' : undefined}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ heading, value, cell, isNumeric }) => (
                  <td key={heading} class={isNumeric ? 'number' : undefined}>
                    {cell ? cell(row) : value(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < rows.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {format.count(rows.length)} rows
        </button>
      )}
    </>
  );
}

/** The table of a chart, closed at first, and its CSV download. */
export function ChartTable<Row>({ fileName, ...table }: Props<Row> & { readonly fileName: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="stack">
      <div class="row">
        <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide table' : 'Show table'}
          <span class="visually-hidden">: {table.caption}</span>
        </button>
        <DownloadCsv fileName={fileName} {...table} />
      </div>
      {isOpen && <DataTable {...table} />}
    </div>
  );
}

interface DownloadProps<Row> extends Pick<Props<Row>, 'caption' | 'columns' | 'rows'> {
  readonly fileName: string;
}

/** Downloads the rows of a table. */
export function DownloadCsv<Row>({ caption, columns, rows, fileName }: DownloadProps<Row>) {
  return (
    <button
      type="button"
      class="quiet"
      onClick={() => downloadText(fileName, writeCsv(columns, rows), 'text/csv')}
    >
      <Icon name="download" /> CSV
      <span class="visually-hidden">: {caption}</span>
    </button>
  );
}

/** Gives the browser a file to keep. */
export function downloadText(fileName: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.download = fileName;
  link.click();
  // The download has begun by then, and holds its bytes.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
