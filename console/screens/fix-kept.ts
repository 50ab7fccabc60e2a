import type { RulesAnswer } from '../../lambdas/core/api-answers.ts';
import { isSigningIn } from '../sign-in.ts';
import type { FixSheet } from './fix-sheet.ts';

export interface LoadedSheet {
  readonly sheet: FixSheet;
  readonly rules: RulesAnswer;
  /** Line before the next page of rows; undefined if every row is in the sheet. */
  readonly next: number | undefined;
}

/** Values of a corrected row, which its first file and line name. */
type StoredRow = readonly [file: string, line: number, values: readonly string[]];

const STORE_KEY = 'retail-corrections';
/** Sheets by upload. */
const sheets = new Map<string, LoadedSheet>();

// A browser that is short of memory, a reload and the page of the sign-in take the page away.
addEventListener('pagehide', store);
addEventListener('beforeunload', (event) => {
  if (!isSigningIn() && listEdited().length > 0) event.preventDefault();
});

/** Keeps a sheet while the person looks at other screens and files. Those without corrections are forgotten. */
export function keepSheet(id: string, loaded: LoadedSheet): void {
  for (const [other, { sheet }] of sheets) if (sheet.edited === 0) sheets.delete(other);
  sheets.set(id, loaded);
}

/** Returns the sheet of an upload that has corrections. */
export function findSheet(id: string): LoadedSheet | undefined {
  const loaded = sheets.get(id);
  return loaded !== undefined && loaded.sheet.edited > 0 ? loaded : undefined;
}

/**
 * Reads the corrections of before the page was loaded.
 * @returns what writes them into the rows of a sheet from a row on, before the person can change these
 */
export function readKept(id: string): (sheet: FixSheet, first: number) => void {
  const byLine = Map.groupBy(read()[id] ?? [], ([, line]) => line);
  return (sheet, first) => {
    for (const [index, { entry }] of sheet.rows.slice(first).entries()) {
      const kept = byLine.get(entry.firstLine)?.findLast(([file]) => file === entry.firstFile);
      if (kept !== undefined) sheet.restore(first + index, kept[2]);
    }
  };
}

/** Forgets the corrections of before: all of them are in a sheet. */
export function forgetKept(id: string): void {
  const { [id]: rows, ...others } = read();
  if (rows !== undefined) write(others);
}

function listEdited(): [string, LoadedSheet][] {
  return [...sheets].filter(([, { sheet }]) => sheet.edited > 0);
}

function store(): void {
  const stored = read();
  const edited = listEdited().map(([id, { sheet, next }]) => {
    sheet.endChange();
    // Earlier corrections have not been written into a sheet without all of its rows. The later ones win.
    const earlier = next === undefined ? [] : (stored[id] ?? []);
    return [id, [...earlier, ...listRows(sheet)]] as const;
  });
  if (edited.length > 0) write({ ...stored, ...Object.fromEntries(edited) });
}

function listRows(sheet: FixSheet): StoredRow[] {
  return sheet.rows.flatMap(({ entry }, row) =>
    sheet.isEdited(row)
      ? [[entry.firstFile, entry.firstLine, sheet.columns.map((_, column) => sheet.read(row, column))]]
      : [],
  );
}

function read(): Readonly<Record<string, readonly StoredRow[]>> {
  try {
    return JSON.parse(sessionStorage.getItem(STORE_KEY) ?? '{}') as Record<string, StoredRow[]>;
  } catch {
    return {};
  }
}

function write(rows: Readonly<Record<string, readonly StoredRow[]>>): void {
  try {
    sessionStorage.setItem(STORE_KEY, JSON.stringify(rows));
  } catch {
    // Too many corrections for the storage of the tab: the page has asked whether to leave them.
  }
}
