export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Steps of the keys by row and column. */
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/**
 * Finds the cell of a grid to which a key leads, as in the ARIA pattern for grids. Empty places are skipped.
 * @param grid true for places that have a cell
 * @returns undefined if the key does not move, or there is no cell in its direction
 */
export function moveCell(grid: readonly (readonly boolean[])[], from: Cell, key: string): Cell | undefined {
  const cells = grid[from.row] ?? [];
  if (key === 'Home') return { row: from.row, column: cells.indexOf(true) };
  if (key === 'End') return { row: from.row, column: cells.lastIndexOf(true) };
  const [down, right] = STEPS[key] ?? [0, 0];
  if (down === 0 && right === 0) return undefined;
  let { row, column } = from;
  do {
    row += down;
    column += right;
    if (grid[row]?.[column]) return { row, column };
  } while (grid[row]?.[column] !== undefined);
  return undefined;
}
