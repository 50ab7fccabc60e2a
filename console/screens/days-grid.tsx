import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { today } from '../calendar.ts';
import { DAY_STATES, type DayCell, type DayGrid, describeDay, showState } from '../day-states.ts';
import { format } from '../format.ts';
import { type Cell, moveCell } from '../grid-move.ts';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../router.ts';

interface GridFocus {
  /** Attributes of the table, which make it a grid. */
  readonly grid: Readonly<Record<string, unknown>>;
  /** Attributes of the cell at a place: one cell of a grid is a stop of Tab. */
  readonly cell: (row: number, column: number) => Readonly<Record<string, unknown>>;
}

/** Moves through a grid with the arrow keys. */
function useGridFocus(grid: DayGrid): GridFocus {
  const places = grid.map((cells) => cells.map((cell) => cell !== undefined));
  const first: Cell = { row: 0, column: Math.max(0, places[0]?.indexOf(true) ?? 0) };
  const [chosen, setCurrent] = useState<Cell>();
  const current = chosen !== undefined && places[chosen.row]?.[chosen.column] ? chosen : first;
  const elements = useRef(new Map<string, HTMLElement>());
  const keyOf = ({ row, column }: Cell) => `${row} ${column}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moveCell(places, current, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setCurrent(next);
    elements.current.get(keyOf(next))?.focus();
  };
  return {
    grid: { role: 'grid', onKeyDown },
    cell: (row, column) => ({
      tabIndex: current.row === row && current.column === column ? 0 : -1,
      onFocus: () => setCurrent({ row, column }),
      ref: (element: HTMLElement | null) => {
        if (element === null) elements.current.delete(keyOf({ row, column }));
        else elements.current.set(keyOf({ row, column }), element);
      },
    }),
  };
}

interface MonthProps {
  readonly store: string;
  readonly month: string;
  readonly grid: DayGrid;
}

/** One month of one store in weeks. */
export function MonthGrid({ store, month, grid }: MonthProps) {
  const focus = useGridFocus(grid);
  const weekdays = Array.from({ length: 7 }, (_, index) => ((format.firstWeekday + index - 1) % 7) + 1);
  return (
    <section class="card stack">
      <h3>
        <bdi>{store}</bdi>
      </h3>
      <table class="month" {...focus.grid} aria-label={`${store}, ${format.month(month)}`}>
        <thead>
          <tr>
            {weekdays.map((weekday) => (
              <th key={weekday} scope="col">
                {format.weekday(weekday)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.map((cells, row) => (
            <tr key={cells.find((cell) => cell !== undefined)?.day}>
              {cells.map((cell, column) =>
                cell === undefined ? (
                  <td key={column} />
                ) : (
                  <td key={cell.day}>
                    <DayLink cell={cell} focus={focus.cell(row, column)} isWide />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** One row for each of several stores. */
export function DayMatrix({
  stores,
  grid,
  month,
}: {
  readonly stores: readonly string[];
  readonly grid: DayGrid;
  readonly month: string;
}) {
  const focus = useGridFocus(grid);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const now = box.current?.querySelector<HTMLElement>('[aria-current]')?.parentElement;
    // On a narrow screen, the days before today are visible.
    if (box.current && now)
      box.current.scrollLeft = now.offsetLeft + now.offsetWidth - box.current.clientWidth;
  }, [month]);
  return (
    <div class="table-box" ref={box}>
      <table class="matrix" {...focus.grid} aria-label={`Stores, ${format.month(month)}`}>
        <thead>
          <tr>
            <th scope="col">Store</th>
            {grid[0]?.map((cell) => (
              <th key={cell?.day} scope="col" class="matrix-day">
                {Number(cell?.day.slice(8))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.map((cells, row) => (
            <tr key={stores[row]}>
              <th scope="row">
                <bdi>{stores[row]}</bdi>
              </th>
              {cells.map(
                (cell, column) =>
                  cell !== undefined && (
                    <td key={cell.day}>
                      <DayLink cell={cell} focus={focus.cell(row, column)} />
                    </td>
                  ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface DayProps {
  readonly cell: DayCell;
  readonly focus: Readonly<Record<string, unknown>>;
  /** True to show the number of the day and of its rows. */
  readonly isWide?: boolean;
}

/** A day that opens its files. */
function DayLink({ cell: { day, store, entry }, focus, isWide = false }: DayProps) {
  const state = entry === undefined ? 'none' : showState(entry);
  const text =
    entry === undefined
      ? `${format.longDay(day)}, store ${store}: nothing is known`
      : describeDay(entry, format);
  return (
    <a
      {...focus}
      class={`day day-${state}`}
      href={hrefOf('files', { query: { store, day } })}
      title={text}
      aria-current={day === today() ? 'date' : undefined}
    >
      <span class="visually-hidden">{text}</span>
      {isWide && (
        <span class="day-number" aria-hidden="true">
          {Number(day.slice(8))}
        </span>
      )}
      {state !== 'none' && <Icon name={DAY_STATES[state].icon} />}
      {isWide && entry !== undefined && entry.rows > 0 && (
        <span class="day-rows" aria-hidden="true">
          {format.compact(entry.rows)}
        </span>
      )}
    </a>
  );
}
