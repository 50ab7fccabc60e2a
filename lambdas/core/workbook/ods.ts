import {
  CELL_FAULT,
  cleanText,
  formatIsoDate,
  formatNumber,
  formatPercent,
  MAX_COLUMNS,
  type Sheet,
  SheetWriter,
} from './cells.ts';
import {
  damagedWorkbook,
  parseXml,
  readXml,
  WorkbookError,
  type WorkbookParts,
  type XmlHandler,
} from './xml.ts';

/** Rows without a cell are repeated up to the end of the sheet; others only as often as a person may fill them. */
const MAX_REPEATED_CELLS = 10_000_000;

/** Opens the sheets of an OpenDocument spreadsheet (OASIS, part 3) in their order. Hidden ones are left out. */
export async function openOds(parts: WorkbookParts): Promise<Sheet[]> {
  const content = parts.get('content.xml')!;
  await refuseEncrypted(parts);
  const hiddenStyles = new Set<string>();
  const sheets: { name: string; isHidden: boolean }[] = [];
  let style = '';
  let openTables = 0;
  let isSpreadsheet = false;
  await readXml(content, {
    open(name, attributes) {
      if (name === 'spreadsheet') isSpreadsheet = true;
      if (name === 'style') style = attributes['style:name'] ?? '';
      if (name === 'table-properties' && attributes['table:display'] === 'false') hiddenStyles.add(style);
      // A cell can have a table, which is not a sheet.
      if (name !== 'table' || openTables++ > 0) return;
      const isHidden = hiddenStyles.has(attributes['table:style-name'] ?? '');
      sheets.push({ name: attributes['table:name'] ?? '', isHidden });
    },
    close(name) {
      if (name === 'table') openTables--;
    },
  });
  if (!isSpreadsheet) throw new WorkbookError('is another document, not a spreadsheet. Drop a spreadsheet.');
  return sheets.flatMap(({ name, isHidden }, index) => {
    async function* rows() {
      const reader = new ContentReader(index);
      for await (const _ of parseXml(content(), reader)) {
        yield reader.rows.take();
        if (reader.isDone) return;
      }
    }
    return isHidden ? [] : [{ name, rows }];
  });
}

async function refuseEncrypted(parts: WorkbookParts): Promise<void> {
  const manifest = parts.get('META-INF/manifest.xml');
  if (manifest === undefined) return;
  await readXml(manifest, {
    open(name) {
      if (name === 'encryption-data')
        throw new WorkbookError('is protected with a password. Save it without one.');
    },
  });
}

/** Reads the cells of one sheet. */
class ContentReader implements XmlHandler {
  readonly rows = new SheetWriter();
  isDone = false;
  #wanted: number;
  #sheet = -1;
  #isSheet = false;
  #row = 0;
  #rowRepeats = 1;
  #cells: string[] = [];
  /** Columns so far, blank ones too. */
  #columns = 0;
  #attributes: Readonly<Record<string, string>> | undefined;
  #paragraphs: string[] = [];
  /** Elements that are open inside the cell. */
  #depth = 0;
  /** Depth of a comment or a drawing, whose text is not that of the cell. */
  #ignoredFrom = Number.POSITIVE_INFINITY;
  #repeatedCells = 0;

  /** @param wanted number of the sheet in the document, from 0 */
  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#attributes !== undefined) {
      this.#openInCell(name, attributes);
    } else if (name === 'table') {
      this.#isSheet = ++this.#sheet === this.#wanted;
    } else if (this.#isSheet && name === 'table-row') {
      this.#rowRepeats = readCount(attributes['table:number-rows-repeated']);
      this.#cells = [];
      this.#columns = 0;
    } else if (this.#isSheet && (name === 'table-cell' || name === 'covered-table-cell')) {
      this.#attributes = attributes;
      this.#paragraphs = [];
      this.#depth = 0;
    }
  }

  text(text: string): void {
    if (this.#depth > 0 && this.#depth < this.#ignoredFrom) this.#append(text);
  }

  close(name: string): void {
    if (this.#attributes !== undefined) {
      if (this.#depth > 0) {
        this.#depth--;
        if (this.#depth < this.#ignoredFrom) this.#ignoredFrom = Number.POSITIVE_INFINITY;
      } else {
        this.#addCell(name === 'covered-table-cell' ? '' : this.#readCell(this.#attributes));
      }
    } else if (this.#isSheet && name === 'table-row') {
      this.#addRow();
    } else if (this.#isSheet && name === 'table') {
      this.#isSheet = false;
      this.isDone = true;
    }
  }

  #openInCell(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#depth++;
    if (this.#depth >= this.#ignoredFrom) return;
    if (name === 'p' && this.#depth === 1) this.#paragraphs.push('');
    else if (name === 's') this.#append(' '.repeat(Math.min(100, readCount(attributes['text:c']))));
    else if (name === 'tab' || name === 'line-break') this.#append(' ');
    else if (this.#depth === 1) this.#ignoredFrom = this.#depth;
  }

  #append(text: string): void {
    this.#paragraphs.push((this.#paragraphs.pop() ?? '') + text);
  }

  #readCell(attributes: Readonly<Record<string, string>>): string {
    const text = cleanText(this.#paragraphs.join(' '));
    if (attributes['calcext:value-type'] === 'error') return `${CELL_FAULT}${text}`;
    switch (attributes['office:value-type']) {
      case 'float':
      case 'currency':
        return formatNumber(attributes['office:value'] ?? '');
      case 'percentage':
        return formatPercent(attributes['office:value'] ?? '');
      case 'date':
        return formatIsoDate(attributes['office:date-value'] ?? '');
      case 'boolean':
        return attributes['office:boolean-value'] === 'true' ? 'TRUE' : 'FALSE';
      default:
        return attributes['office:string-value'] === undefined
          ? text
          : cleanText(attributes['office:string-value']);
    }
  }

  #addCell(cell: string): void {
    const repeats = readCount(this.#attributes?.['table:number-columns-repeated']);
    this.#attributes = undefined;
    if (cell !== '') {
      if (this.#columns + repeats > MAX_COLUMNS)
        throw damagedWorkbook(`row ${this.#row + 1} has too many columns`);
      while (this.#cells.length < this.#columns) this.#cells.push('');
      for (let count = 0; count < repeats; count++) this.#cells.push(cell);
    }
    this.#columns += repeats;
  }

  #addRow(): void {
    const first = this.#row + 1;
    this.#row += this.#rowRepeats;
    if (this.#cells.length === 0) return;
    this.#repeatedCells += this.#cells.length * (this.#rowRepeats - 1);
    if (this.#repeatedCells > MAX_REPEATED_CELLS) throw damagedWorkbook('too many of its cells are repeated');
    for (let row = first; row <= this.#row; row++) this.rows.write(row, this.#cells);
  }
}

function readCount(text = '1'): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw damagedWorkbook(`"${text.slice(0, 20)}" is not a number of cells`);
  return count;
}
