import {
  CELL_FAULT,
  cleanText,
  formatIsoDate,
  formatNumber,
  formatPercent,
  formatSerialDate,
  MAX_COLUMNS,
  type Sheet,
  SheetWriter,
} from './cells.ts';
import { StringTable } from './string-table.ts';
import { readStyles, type Shown } from './styles.ts';
import {
  damagedWorkbook,
  type OpenPart,
  parseXml,
  readXml,
  WorkbookError,
  type WorkbookParts,
  type XmlHandler,
} from './xml.ts';

interface Relationship {
  readonly type: string;
  readonly target: string;
}

/** Parts of the workbook that cells of every sheet refer to. */
interface Shared {
  readonly strings: StringTable;
  /** By number of the style. */
  readonly styles: readonly Shown[];
  readonly is1904: boolean;
}

/** Opens the sheets of an XLSX workbook (ECMA-376) in their order. Hidden ones and charts are left out. */
export async function openXlsx(parts: WorkbookParts): Promise<Sheet[]> {
  const main = await readRelationships(parts, '');
  const mainPath = [...main.values()].find(({ type }) => type === 'officeDocument')?.target ?? '';
  if (mainPath.endsWith('.bin')) {
    throw new WorkbookError('is a binary one (.xlsb). Save it as an Excel workbook (.xlsx).');
  }
  const relationships = await readRelationships(parts, mainPath);
  let is1904 = false;
  const listed: { name: string; isHidden: boolean; part: Relationship | undefined }[] = [];
  await readXml(findPart(parts, mainPath), {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = isTrue(attributes.date1904);
      if (name !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      const isHidden = (attributes.state ?? 'visible') !== 'visible';
      listed.push({ name: attributes.name ?? '', isHidden, part: relationships.get(id) });
    },
  });
  const byType = (type: string) => [...relationships.values()].find((part) => part.type === type)?.target;
  const strings = await readStrings(parts, byType('sharedStrings'));
  const shared = { strings, is1904, styles: await readStyles(parts, byType('styles')) };
  return listed
    .filter(({ isHidden, part }) => !isHidden && part?.type === 'worksheet')
    .map(({ name, part }) => ({ name, rows: () => readSheet(findPart(parts, part!.target), shared) }));
}

const isTrue = (value = '') => value === '1' || value === 'true';

function findPart(parts: WorkbookParts, path: string): OpenPart {
  const part = parts.get(path);
  if (part === undefined) throw damagedWorkbook(`it has no ${path || 'sheet'}`);
  return part;
}

/** Reads what a part refers to, by id. @param path empty for the package as a whole */
async function readRelationships(parts: WorkbookParts, path: string): Promise<Map<string, Relationship>> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const found = new Map<string, Relationship>();
  await readXml(findPart(parts, `${folder}_rels/${path.slice(folder.length)}.rels`), {
    open(name, { Id = '', Type = '', Target = '' }) {
      if (name !== 'Relationship') return;
      if (!URL.canParse(Target, `file:///${folder}`)) return;
      const { pathname } = new URL(Target, `file:///${folder}`);
      found.set(Id, { type: Type.slice(Type.lastIndexOf('/') + 1), target: pathname.slice(1) });
    },
  });
  return found;
}

async function readStrings(parts: WorkbookParts, path: string | undefined): Promise<StringTable> {
  const strings = new StringTable();
  const part = path === undefined ? undefined : parts.get(path);
  if (part === undefined) return strings;
  const text = new TextOfRuns();
  await readXml(part, {
    open(name) {
      if (name === 'si') text.start();
      text.open(name);
    },
    text: (content) => text.add(content),
    close(name) {
      text.close(name);
      if (name === 'si') strings.add(text.take());
    },
  });
  return strings;
}

/** Text of an element that has one text, or several in different fonts. How to pronounce it does not count. */
class TextOfRuns {
  #text = '';
  #isText = false;
  #isPhonetic = false;

  start(): void {
    this.#text = '';
  }

  open(name: string): void {
    if (name === 'rPh') this.#isPhonetic = true;
    if (name === 't') this.#isText = !this.#isPhonetic;
  }

  add(text: string): void {
    if (this.#isText) this.#text += text;
  }

  close(name: string): void {
    if (name === 'rPh') this.#isPhonetic = false;
    if (name === 't') this.#isText = false;
  }

  take(): string {
    return cleanText(unescape(this.#text));
  }
}

/** Replaces the escapes of characters that XML cannot have, such as `_x000D_` (ECMA-376, part 1, 22.9.2.19). */
function unescape(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9a-f]{4})_/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

async function* readSheet(open: OpenPart, shared: Shared): AsyncGenerator<string> {
  const reader = new SheetReader(shared);
  for await (const _ of parseXml(open(), reader)) yield reader.rows.take();
  yield reader.rows.take();
}

/** Reads the cells of a sheet (ECMA-376, part 1, 18.3.1). */
class SheetReader implements XmlHandler {
  readonly rows = new SheetWriter();
  #shared: Shared;
  #row = 0;
  #column = -1;
  #cells: string[] = [];
  #type = 'n';
  #style = 0;
  #value = '';
  #isValue = false;
  #hasFormula = false;
  #inline = new TextOfRuns();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'c') {
      const { r, t = 'n', s = '0' } = attributes;
      this.#column = r === undefined ? this.#column + 1 : readColumn(r);
      if (this.#column >= MAX_COLUMNS) throw damagedWorkbook(`there is no column for the cell ${r}`);
      this.#type = t;
      this.#style = Number(s);
      this.#value = '';
      this.#hasFormula = false;
      this.#inline.start();
    } else if (name === 'v') {
      this.#isValue = true;
    } else if (name === 'f') {
      this.#hasFormula = true;
    } else if (name === 'row') {
      this.#row = attributes.r === undefined ? this.#row + 1 : Number(attributes.r);
      this.#column = -1;
      this.#cells = [];
    } else {
      this.#inline.open(name);
    }
  }

  text(text: string): void {
    if (this.#isValue) this.#value += text;
    else this.#inline.add(text);
  }

  close(name: string): void {
    if (name === 'v') this.#isValue = false;
    else if (name === 'c') this.#cells[this.#column] = this.#readCell();
    else if (name === 'row') this.rows.write(this.#row, this.#cells);
    else this.#inline.close(name);
  }

  #readCell(): string {
    const value = this.#value;
    switch (this.#type) {
      case 'inlineStr':
        return this.#inline.take();
      case 'str':
        return cleanText(unescape(value));
      case 's': {
        if (value === '') return '';
        const text = this.#shared.strings.get(Number(value));
        if (text === undefined)
          throw damagedWorkbook(`a cell of row ${this.#row} has a text that does not exist`);
        return text;
      }
      case 'b':
        return value === '' ? '' : isTrue(value) ? 'TRUE' : 'FALSE';
      case 'e':
        return `${CELL_FAULT}${cleanText(value)}`;
      case 'd':
        return formatIsoDate(value);
      default:
        if (value === '') return this.#hasFormula ? CELL_FAULT : '';
        return this.#formatNumber(value);
    }
  }

  #formatNumber(value: string): string {
    const shown = this.#shared.styles[this.#style];
    if (shown === 'date') return formatSerialDate(value, this.#shared.is1904);
    return shown === 'percent' ? formatPercent(value) : formatNumber(value);
  }
}

/** Reads the column in the name of a cell, from 0: that of `AB12` is 27. */
function readColumn(cell: string): number {
  let column = 0;
  for (const letter of /^[A-Z]{1,3}/.exec(cell)?.[0] ?? '') column = column * 26 + letter.charCodeAt(0) - 64;
  if (column === 0) throw damagedWorkbook(`"${cell.slice(0, 20)}" is not the name of a cell`);
  return column - 1;
}
