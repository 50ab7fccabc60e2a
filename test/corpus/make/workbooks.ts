import { zip } from './archives.ts';

/**
 * A sheet in text: rows are lines, cells are separated by `|`. A cell is a text, `#12.5` a number, `@45731` a date,
 * `!#N/A` an error, `=12.5` the result of a formula, and `=` a formula without its result.
 */
export interface SheetText {
  readonly name: string;
  readonly text: string;
  readonly isHidden?: boolean;
}

export interface XlsxOptions {
  readonly is1904?: boolean;
  /** True if texts are in their cells and not in a list. */
  readonly isInline?: boolean;
  /** Prefix of every element. */
  readonly prefix?: string;
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';

/** An XLSX workbook (ECMA-376) with the parts that Excel writes. Style 1 shows a date. */
export function xlsx(sheets: readonly SheetText[], options: XlsxOptions = {}): Buffer {
  const { is1904 = false, prefix = '' } = options;
  const strings: string[] = [];
  const worksheets = sheets.map(({ text }) => worksheet(text, strings, options));
  const list = sheets.map(
    ({ name, isHidden }, index) =>
      `<sheet name="${escape(name)}" sheetId="${index + 1}"${isHidden ? ' state="hidden"' : ''} r:id="rId${index + 1}"/>`,
  );
  const styles =
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="[$-407]dd/mm/yyyy;@"/></numFmts>' +
    '<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>' +
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs>';
  const related = [
    ...sheets.map((_, index) => ['worksheet', `worksheets/sheet${index + 1}.xml`] as const),
    ['styles', '/xl/styles.xml'] as const,
    ['sharedStrings', 'sharedStrings.xml'] as const,
  ];
  const parts: Record<string, string> = {
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    '_rels/.rels': relationships([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': element(
      'workbook',
      `<workbookPr date1904="${is1904 ? 1 : 0}"/><sheets>${list.join('')}</sheets>`,
    ),
    'xl/_rels/workbook.xml.rels': relationships(related),
    ...Object.fromEntries(
      worksheets.map((sheet, index) => [`xl/worksheets/sheet${index + 1}.xml`, element('worksheet', sheet)]),
    ),
    'xl/styles.xml': element('styleSheet', styles),
    'xl/sharedStrings.xml': element('sst', strings.map((text) => `<si>${text}</si>`).join('')),
  };
  return pack(
    Object.entries(parts).map(([name, xml]) => [
      name,
      prefix === ''
        ? xml
        : xml.replace(/<(\/?)(\w+)/g, `<$1${prefix}:$2`).replaceAll('xmlns=', `xmlns:${prefix}=`),
    ]),
  );
}

/** The parts of an XLSB workbook ([MS-XLSB]) that tell it from others. */
export function binaryWorkbook(): Buffer {
  return pack([
    ['[Content_Types].xml', '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'],
    ['_rels/.rels', relationships([['officeDocument', 'xl/workbook.bin']])],
    ['xl/workbook.bin', ''],
    ['xl/worksheets/sheet1.bin', ''],
  ]);
}

function relationships(list: readonly (readonly [type: string, target: string])[]): string {
  const elements = list.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${DOCUMENT}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${PACKAGE}">${elements.join('')}</Relationships>`;
}

function element(name: string, content: string): string {
  return `<${name} xmlns="${MAIN}" xmlns:r="${DOCUMENT}">${content}</${name}>`;
}

function worksheet(text: string, strings: string[], { isInline }: XlsxOptions): string {
  const rows = readCells(text).map((cells, row) => {
    const xml = cells.map((cell, column) => {
      const at = `r="${String.fromCharCode(65 + column)}${row + 1}"`;
      const [kind, value] = [cell[0], escape(cell.slice(1))];
      if (cell === '') return '';
      if (kind === '#') return `<c ${at}><v>${value}</v></c>`;
      if (kind === '@') return `<c ${at} s="1"><v>${value}</v></c>`;
      if (kind === '!') return `<c ${at} t="e"><v>${value}</v></c>`;
      if (kind === '=') return `<c ${at}><f>A1*2</f>${value === '' ? '' : `<v>${value}</v>`}</c>`;
      if (isInline) return `<c ${at} t="inlineStr"><is><t>${escape(cell)}</t></is></c>`;
      // In two fonts, and with its pronunciation.
      const [first, ...others] = escape(cell).split(' ');
      const runs = `<r><t>${first}</t></r><r><t xml:space="preserve"> ${others.join(' ')}</t></r><rPh><t>x</t></rPh>`;
      const isEscaped = others.length === 0 || /[&<]/.test(cell);
      strings.push(isEscaped ? `<t xml:space="preserve">${escape(cell)}</t>` : runs);
      return `<c ${at} t="s"><v>${strings.length - 1}</v></c>`;
    });
    return xml.join('') === '' ? '' : `<row r="${row + 1}" spans="1:7">${xml.join('')}</row>`;
  });
  return `<sheetData>${rows.join('')}</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>`;
}

/** An OpenDocument spreadsheet as LibreOffice writes it: blank cells and rows up to the end of the sheet. */
export function ods(sheets: readonly SheetText[], isEncrypted = false): Buffer {
  const tables = sheets.map(({ name, text, isHidden }) => {
    const rows = readCells(text).map((cells) => {
      const xml = cells.map((cell) => {
        const [kind, value] = [cell[0], escape(cell.slice(1))];
        const note = '<office:annotation><text:p>a comment</text:p></office:annotation>';
        if (cell === '') return '<table:covered-table-cell/>';
        if (kind === '#' || kind === '=') {
          return `<table:table-cell office:value-type="float" office:value="${value}">${note}<text:p>1</text:p></table:table-cell>`;
        }
        if (kind === '@') {
          return `<table:table-cell office:value-type="date" office:date-value="${value}"><text:p>x</text:p></table:table-cell>`;
        }
        const type = kind === '!' ? ' calcext:value-type="error"' : '';
        const content = (kind === '!' ? value : escape(cell)).replace(' ', '<text:s/>');
        return `<table:table-cell office:value-type="string"${type}><text:p>${content}</text:p></table:table-cell>`;
      });
      const rest = '<table:table-cell table:number-columns-repeated="16377"/>';
      return `<table:table-row>${xml.join('')}${rest}</table:table-row>`;
    });
    const end =
      '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>';
    const style = isHidden ? 'ta2' : 'ta1';
    return `<table:table table:name="${escape(name)}" table:style-name="${style}">${rows.join('')}${end}</table:table>`;
  });
  const styles = ['ta1', 'ta2'].map(
    (style) =>
      `<style:style style:name="${style}" style:family="table"><style:table-properties table:display="${style === 'ta1'}"/></style:style>`,
  );
  const content =
    '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s" xmlns:calcext="c">' +
    `<office:automatic-styles>${styles.join('')}</office:automatic-styles>` +
    `<office:body><office:spreadsheet>${tables.join('')}</office:spreadsheet></office:body></office:document-content>`;
  const encryption = isEncrypted ? '<manifest:encryption-data/>' : '';
  return pack([
    ['mimetype', 'application/vnd.oasis.opendocument.spreadsheet'],
    ['content.xml', content],
    ['META-INF/manifest.xml', `<manifest:manifest xmlns:manifest="m">${encryption}</manifest:manifest>`],
  ]);
}

function readCells(text: string): string[][] {
  return text.split('\n').map((line) => (line === '' ? [] : line.split('|')));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function pack(parts: readonly (readonly [name: string, xml: string])[]): Buffer {
  return zip(
    ...parts.map(([name, xml]) => ({ name, content: Buffer.from(name === 'mimetype' ? xml : XML + xml) })),
  );
}
