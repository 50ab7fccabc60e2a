import { readXml, type WorkbookParts } from './xml.ts';

/** Number formats of dates and times that a workbook does not define itself (ECMA-376, part 1, 18.8.30). */
const isBuiltInDate = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
/** Parts of a number format that are not its letters: quoted, escaped and padded characters, colors and conditions. */
const NOT_LETTERS = /"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi;

/** Tells for each style of cells whether it shows a date or a time. */
export async function readDateStyles(parts: WorkbookParts, path: string | undefined): Promise<boolean[]> {
  const isDate: boolean[] = [];
  const own = new Map<number, string>();
  let isCellStyle = false;
  const part = path === undefined ? undefined : parts.get(path);
  if (part === undefined) return isDate;
  await readXml(part, {
    open(name, { numFmtId = '0', formatCode = '' }) {
      const id = Number(numFmtId);
      if (name === 'numFmt') own.set(id, formatCode);
      if (name === 'cellXfs') isCellStyle = true;
      if (name === 'xf' && isCellStyle) {
        const code = own.get(id);
        isDate.push(code === undefined ? isBuiltInDate(id) : isDateFormat(code));
      }
    },
    close(name) {
      if (name === 'cellXfs') isCellStyle = false;
    },
  });
  return isDate;
}

export function isDateFormat(code: string): boolean {
  const [letters = ''] = code.replace(NOT_LETTERS, '').split(';');
  return /[ymdhs]/i.test(letters) && !/general/i.test(letters);
}
