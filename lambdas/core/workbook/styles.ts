import { readXml, type WorkbookParts } from './xml.ts';

/** Number formats of dates and times that a workbook does not define itself (ECMA-376, part 1, 18.8.30). */
const isBuiltInDate = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
/** Parts of a number format that are not its letters: quoted, escaped and padded characters, colors and conditions. */
const NOT_LETTERS = /"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi;

/** The kind of value that a number format shows: a date or a time, or a hundred times the number with a percent sign. */
export type Shown = 'date' | 'percent' | undefined;

/** Tells what each style of cells shows. */
export async function readStyles(parts: WorkbookParts, path: string | undefined): Promise<Shown[]> {
  const styles: Shown[] = [];
  const own = new Map<number, string>();
  let isCellStyle = false;
  const part = path === undefined ? undefined : parts.get(path);
  if (part === undefined) return styles;
  await readXml(part, {
    open(name, { numFmtId = '0', formatCode = '' }) {
      const id = Number(numFmtId);
      if (name === 'numFmt') own.set(id, formatCode);
      if (name === 'cellXfs') isCellStyle = true;
      if (name === 'xf' && isCellStyle) {
        const code = own.get(id);
        styles.push(code === undefined ? readBuiltIn(id) : readFormat(code));
      }
    },
    close(name) {
      if (name === 'cellXfs') isCellStyle = false;
    },
  });
  return styles;
}

function readBuiltIn(id: number): Shown {
  if (isBuiltInDate(id)) return 'date';
  return id === 9 || id === 10 ? 'percent' : undefined;
}

export function readFormat(code: string): Shown {
  const [letters = ''] = code.replace(NOT_LETTERS, '').split(';');
  if (/[ymdhs]/i.test(letters) && !/general/i.test(letters)) return 'date';
  return letters.includes('%') ? 'percent' : undefined;
}
