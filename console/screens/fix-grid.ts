import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FixSheet } from './fix-sheet.ts';

const PAGE_ROWS = 10;

/** A cell of the table. */
export interface Place {
  /** Index in the rows that are shown. */
  readonly at: number;
  readonly column: number;
}

/** Text that is being written into the chosen cell. */
export interface Draft {
  /** Row of the sheet. */
  readonly row: number;
  readonly text: string;
  /** True if the text takes the place of the value; otherwise it is the value, to be changed. */
  readonly isNew: boolean;
}

interface Options {
  readonly sheet: FixSheet;
  readonly rows: readonly number[];
  readonly filter: string;
  readonly onEdit: (row: number, column: number, value: string) => void;
  readonly onUndo: () => void;
  /** Shows a cell, which may be outside of the window. */
  readonly onMove: (place: Place) => void;
  /** Returns the keys to the table. */
  readonly onFocus: () => void;
}

/** Moves through a table and changes its cells by the keyboard, as the ARIA pattern for grids asks for. */
export function useGrid({ sheet, rows, filter, onEdit, onUndo, onMove, onFocus }: Options) {
  const [chosen, setChosen] = useLatest<Place & { readonly row?: number | undefined }>({ at: 0, column: 0 });
  const [draft, setDraft] = useLatest<Draft | undefined>(undefined);
  const last = { at: rows.length - 1, column: sheet.columns.length - 1 };
  const choose = ({ at, column }: Place) => setChosen({ at, column, row: rows[at] });
  /** The chosen row stays chosen while rows above it go, such as those that were loaded. */
  const readPlace = (): Place => {
    const { at, column, row } = chosen.current;
    const now = row === undefined || rows[at] === row ? at : rows.indexOf(row);
    return { at: Math.max(0, Math.min(now === -1 ? at : now, last.at)), column };
  };

  // The first cell to look at is the one with the problem. Rows that come later, or are corrected, move nothing. A key
  // that follows at once is for this cell already.
  useLayoutEffect(() => {
    const field = rows[0] === undefined ? '' : sheet.rows[rows[0]]!.entry.field;
    const column = Math.max(0, sheet.columns.indexOf(field));
    setDraft(undefined);
    choose({ at: 0, column });
    onMove({ at: 0, column });
  }, [sheet, filter]);

  const go = (at: number, column: number) => {
    const place = {
      at: Math.max(0, Math.min(at, last.at)),
      column: Math.max(0, Math.min(column, last.column)),
    };
    choose(place);
    onMove(place);
  };
  const begin = (text?: string) => {
    const { at, column } = readPlace();
    const row = rows[at];
    if (row === undefined || !sheet.rows[row]!.canEdit) return;
    setDraft({ row, text: text ?? sheet.read(row, column), isNew: text !== undefined });
  };
  /** Ends a change. @param isKept false to leave the cell as it was */
  const finish = (isKept: boolean) => {
    const { at, column } = readPlace();
    const written = draft.current;
    setDraft(undefined);
    // A row that has left the list meanwhile takes its text with it.
    if (isKept && written !== undefined && written.row === rows[at])
      onEdit(written.row, column, written.text);
  };
  const clear = () => {
    const { at, column } = readPlace();
    if (rows[at] !== undefined) onEdit(rows[at], column, '');
  };

  /** @returns true if the key did something */
  const change = ({ key, shiftKey, target }: KeyboardEvent, text: string): boolean => {
    const { at, column } = readPlace();
    if (key === 'Escape' || key === 'Enter' || key === 'Tab') {
      finish(key !== 'Escape');
      onFocus();
      const step = shiftKey ? -1 : 1;
      if (key === 'Enter') go(at + step, column);
      if (key === 'Tab') go(at, column + step);
      return true;
    }
    // The field of the cell is not there yet.
    if (key.length > 1 || target instanceof HTMLInputElement) return false;
    setDraft({ row: rows[at]!, text: text + key, isNew: true });
    return true;
  };

  const move = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean => {
    const { at, column } = readPlace();
    const isCommand = ctrlKey || metaKey;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowUp: () => go(isCommand ? 0 : at - 1, column),
      ArrowDown: () => go(isCommand ? last.at : at + 1, column),
      ArrowLeft: () => go(at, column - 1),
      ArrowRight: () => go(at, column + 1),
      PageUp: () => go(at - PAGE_ROWS, column),
      PageDown: () => go(at + PAGE_ROWS, column),
      Home: () => go(isCommand ? 0 : at, 0),
      End: () => go(isCommand ? last.at : at, last.column),
      Enter: () => begin(),
      F2: () => begin(),
      Delete: clear,
      Backspace: clear,
    };
    const isUndo = isCommand && key.toLowerCase() === 'z';
    if (isUndo) onUndo();
    else if (moves[key] !== undefined) moves[key]();
    else if (key.length === 1 && !isCommand && !altKey) begin(key);
    else return false;
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || rows.length === 0) return;
    const written = draft.current;
    const text = written?.row === rows[readPlace().at] ? written?.text : undefined;
    if (text === undefined ? move(event) : change(event, text)) event.preventDefault();
  };
  const onChoose = (at: number, column: number) => {
    const place = readPlace();
    const isAgain = place.at === at && place.column === column;
    const isWriting = draft.current !== undefined;
    if (isWriting) finish(true);
    choose({ at, column });
    // A screen without keys shows them for a field only.
    if ((isAgain && !isWriting) || matchMedia('(pointer: coarse)').matches) begin();
  };
  return {
    place: readPlace(),
    draft: draft.current,
    onKeyDown,
    onChoose,
    onDraft: (text: string) => draft.current && setDraft({ ...draft.current, text }),
    onLeave: () => finish(true),
  };
}

/** State that is read as it was set last, not as it was drawn: keys may follow faster than the table is drawn. */
function useLatest<T>(first: T): [{ readonly current: T }, (value: T) => void] {
  const ref = useRef(first);
  const [, redraw] = useState(0);
  const set = useCallback((value: T) => {
    ref.current = value;
    redraw((count) => count + 1);
  }, []);
  return [ref, set];
}
