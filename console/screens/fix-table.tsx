import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { Spacer, useWindow } from '../parts/use-window.tsx';
import { nameRejectCode } from '../reject-names.ts';
import { showText } from '../show-text.ts';
import { type Draft, useGrid } from './fix-grid.ts';
import type { FixSheet } from './fix-sheet.ts';

const ROW_HEIGHT = 52;
const HEAD_HEIGHT = 40;

interface Props {
  readonly sheet: FixSheet;
  /** Rows of the sheet that are shown. */
  readonly rows: readonly number[];
  /** Changes when other rows are shown. */
  readonly filter: string;
  readonly onEdit: (row: number, column: number, value: string) => void;
  readonly onUndo: () => void;
}

/** Rejected rows as a table that is filled in by the keyboard alone: arrows, Enter, Escape, and letters to write. */
export function FixTable({ sheet, rows, filter, onEdit, onUndo }: Props) {
  const table = useRef<HTMLTableElement>(null);
  const { ref, onScroll, reveal, first, end } = useWindow(rows.length, ROW_HEIGHT, HEAD_HEIGHT);
  const { place, draft, onKeyDown, onChoose, onDraft, onLeave } = useGrid({
    sheet,
    rows,
    filter,
    onEdit,
    onUndo,
    onMove: ({ at }) => {
      reveal(at);
      // Only the browser knows where columns are.
      requestAnimationFrame(() => {
        ref.current?.querySelector('.active')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      });
    },
    onFocus: () => table.current?.focus({ preventScroll: true }),
  });
  const row = rows[place.at];
  useLayoutEffect(() => {
    const [box, cell] = [ref.current, ref.current?.querySelector<HTMLElement>('td.active')];
    // On a narrow screen, the first problem is to the right of the ids.
    if (box && cell) box.scrollLeft = cell.offsetLeft + cell.offsetWidth - box.clientWidth;
  }, [sheet, filter]);
  const widths = useMemo(() => sheet.columns.map((title) => widthOf(sheet, title)), [sheet, sheet.columns]);

  return (
    <div class="stack">
      <div class="fix-box" ref={ref} onScroll={onScroll}>
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern for grids (ARIA APG) allows a table
          role="grid"
          aria-label="Rows to correct"
          aria-rowcount={rows.length + 1}
          aria-colcount={sheet.columns.length + 2}
          aria-activedescendant={row === undefined ? undefined : `cell-${row}-${place.column}`}
          tabIndex={0}
          ref={table}
          onKeyDown={onKeyDown}
        >
          <colgroup>
            <col class="fix-line" />
            <col class="fix-reason" />
            {widths.map((width, index) => (
              <col key={index} class={width} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">Problem</th>
              {sheet.columns.map((title) => (
                <th key={title} scope="col">
                  <bdi>{showText(title, 60) || 'Too many'}</bdi>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={first * ROW_HEIGHT} />
            {rows.slice(first, end).map((index, offset) => (
              <FixRow
                key={index}
                sheet={sheet}
                row={index}
                at={first + offset}
                active={first + offset === place.at ? place.column : undefined}
                draft={index === draft?.row ? draft : undefined}
                onDraft={onDraft}
                onLeave={onLeave}
                onChoose={(column) => onChoose(first + offset, column)}
              />
            ))}
            <Spacer height={(rows.length - end) * ROW_HEIGHT} />
          </tbody>
        </table>
      </div>
      {row !== undefined && <Explanation sheet={sheet} row={row} />}
    </div>
  );
}

interface RowProps {
  readonly sheet: FixSheet;
  readonly row: number;
  readonly at: number;
  /** Column of the cell that the keys move. */
  readonly active: number | undefined;
  readonly draft: Draft | undefined;
  readonly onDraft: (text: string) => void;
  readonly onLeave: () => void;
  readonly onChoose: (column: number) => void;
}

function FixRow({ sheet, row, at, active, draft, onDraft, onLeave, onChoose }: RowProps) {
  const { entry } = sheet.rows[row]!;
  const problems = sheet.findProblems(row);
  const isGood = problems.length === 0;
  const faulty = new Set(problems.map(({ column }) => column));
  return (
    <tr aria-rowindex={at + 2} class={isGood ? 'fixed-row' : undefined}>
      <th scope="row" class="number">
        {format.count(entry.line)}
      </th>
      <td>
        {isGood ? (
          <span class="tag good">
            <Icon name="check" /> Corrected
          </span>
        ) : (
          <span class="clamp fix-problem" title={showText(problems[0]!.message, 1_000)}>
            {nameRejectCode(problems[0]!.code)}
          </span>
        )}
      </td>
      {sheet.columns.map((title, column) => {
        const value = sheet.read(row, column);
        const isActive = column === active;
        const isWrong = faulty.has(title) || (title === '' && value !== '');
        const states = { active: isActive, wrong: isWrong, changed: sheet.isChanged(row, column) };
        const classes = Object.entries(states).flatMap(([name, isOn]) => (isOn ? [name] : []));
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys of the grid do the same
          <td
            key={title}
            id={`cell-${row}-${column}`}
            class={classes.join(' ') || undefined}
            aria-invalid={isWrong || undefined}
            onClick={() => onChoose(column)}
          >
            {isActive && draft !== undefined ? (
              <CellInput title={title} draft={draft} onDraft={onDraft} onLeave={onLeave} />
            ) : (
              <bdi class="ellipsis">{showText(value, 120)}</bdi>
            )}
          </td>
        );
      })}
    </tr>
  );
}

interface InputProps {
  readonly title: string;
  readonly draft: Draft;
  readonly onDraft: (text: string) => void;
  readonly onLeave: () => void;
}

function CellInput({ title, draft, onDraft, onLeave }: InputProps) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    const { length } = draft.text;
    input.current?.focus();
    input.current?.setSelectionRange(draft.isNew ? length : 0, length);
  }, []);
  return (
    <input
      ref={input}
      dir="auto"
      aria-label={showText(title, 60) || 'Too many values'}
      autocomplete="off"
      spellcheck={false}
      value={draft.text}
      onInput={({ currentTarget }) => onDraft(currentTarget.value)}
      onClick={(event) => event.stopPropagation()}
      onBlur={onLeave}
    />
  );
}

/** Everything about the row of the active cell: whole messages, and the row as it was in the file. */
function Explanation({ sheet, row }: { readonly sheet: FixSheet; readonly row: number }) {
  const { entry, canEdit } = sheet.rows[row]!;
  const problems = sheet.findProblems(row);
  return (
    <section class="card fix-explanation" aria-label="The chosen row">
      <div aria-live="polite">
        {problems.length === 0 ? (
          <p class="verdict-line good">
            <Icon name="check" /> Line {format.count(entry.line)} breaks no rule any more.
          </p>
        ) : (
          problems.map(({ column, message }) => (
            <p key={column + message} class="verdict-line warn">
              <Icon name="warning" />
              <span>
                {column !== '' && (
                  <strong>
                    <bdi>{showText(column, 60)}</bdi>:{' '}
                  </strong>
                )}
                {showText(message, 1_500)}
              </span>
            </p>
          ))
        )}
      </div>
      {!canEdit && (
        <p class="small">
          The row is too long to be corrected here. Correct it in its file, and send that again.
        </p>
      )}
      <p class="small muted">In the file:</p>
      <pre class="small">
        <bdi class="clamp">{showText(entry.text, 2_000)}</bdi>
      </pre>
    </section>
  );
}

/** Ids have no meaning for a person: their beginning is enough. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Columns have the width that their values usually need. */
function widthOf(sheet: FixSheet, title: string): string {
  const column = sheet.columns.indexOf(title);
  const sample = sheet.rows.slice(0, 50).map(({ values }) => values[column] ?? '');
  if (sample.some((value) => ID.test(value))) return 'fix-id';
  const longest = Math.max(title.length, ...sample.map(({ length }) => length));
  return longest > 24 ? 'fix-wide' : longest > 13 ? 'fix-medium' : 'fix-small';
}
