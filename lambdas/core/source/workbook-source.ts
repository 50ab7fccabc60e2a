import type { DetectedFormat } from '../detect/detect-format.ts';
import { listUnknownTitles } from '../detect/header.ts';
import { excerptText } from '../excerpt-text.ts';
import { classifyLine } from '../rows/row-check.ts';
import { CELL_FAULT } from '../workbook/cells.ts';
import type { WorkbookFacts } from '../workbook/open-workbook.ts';
import { openCsv } from './csv/csv-source.ts';
import { formatValues } from './ndjson/ndjson-format.ts';
import type { SourceRecord } from './record.ts';
import type { OpenSource, Source, SourceState } from './source.ts';

const MAX_QUOTED_CHARACTERS = 40;

/** Opens the rows of a sheet, which `openWorkbook` writes as CSV. A line of the text is a row of the sheet. */
export function openSheet(facts: WorkbookFacts): OpenSource {
  return (at, of) => new WorkbookSource(openCsv(at, of), facts);
}

class WorkbookSource implements Source {
  readonly encoding = undefined;
  #csv: Source;
  #facts: WorkbookFacts;
  #format: DetectedFormat | undefined;
  /** Positions of the columns that are not ignored. */
  #positions: readonly number[] = [];

  constructor(csv: Source, facts: WorkbookFacts) {
    this.#csv = csv;
    this.#facts = facts;
  }

  get format(): DetectedFormat | undefined {
    const { format } = this.#csv;
    if (this.#format !== undefined || format === undefined) return this.#format;
    const { encoding, lineTerminator, delimiter, quote, ...summary } = format.summary;
    const { header } = format;
    const ignored = new Set(listUnknownTitles(header));
    this.#positions = header.titles.flatMap((title, position) => (ignored.has(title) ? [] : [position]));
    this.#format = { ...format, summary: { ...summary, syntax: this.#facts.syntax } };
    return this.#format;
  }

  get failure() {
    return this.#csv.failure;
  }

  get state(): SourceState {
    return this.#csv.state;
  }

  read(chunk: Uint8Array): SourceRecord[] {
    return this.#complete(this.#csv.read(chunk));
  }

  end(): SourceRecord[] {
    return this.#complete(this.#csv.end());
  }

  #complete(records: readonly SourceRecord[]): SourceRecord[] {
    const { titles } = this.format?.header ?? { titles: [] };
    return records.map((record) => (record.fields === undefined ? record : this.#readRow(record, titles)));
  }

  /** Adds the blank cells at the end of a row, and rejects a row with a cell that has an error. */
  #readRow({ line, fields }: SourceRecord & { fields: string[] }, titles: readonly string[]): SourceRecord {
    while (fields.length < titles.length) fields.push('');
    let faulty: number | undefined;
    for (let position = 0; position < fields.length; position++) {
      if (!fields[position]!.startsWith(CELL_FAULT)) continue;
      fields[position] = fields[position]!.slice(CELL_FAULT.length);
      if (this.#positions.includes(position)) faulty ??= position;
    }
    // A sum over a cell with an error has the error too.
    if (faulty === undefined || this.#isTotal(fields))
      return { line, fields, text: undefined, code: undefined };
    const value = excerptText(fields[faulty]!, MAX_QUOTED_CHARACTERS);
    const message =
      value === ''
        ? 'The cell has a formula without its result. Open the workbook in a spreadsheet program and save it.'
        : `The cell has the error "${value}". Correct its formula.`;
    const text = formatValues(fields);
    return { line, fields: undefined, text, code: 'cell-invalid', column: titles[faulty]!, message };
  }

  #isTotal(fields: readonly string[]): boolean {
    const { header, summary } = this.#format!;
    return classifyLine(fields, header, summary.profile !== undefined) === 'total';
  }
}
