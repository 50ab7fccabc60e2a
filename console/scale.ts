export interface Bar {
  /** Position and size, from 0 to 1 of the length of the axis. */
  readonly start: number;
  readonly size: number;
}

/** Places a value on an axis that includes 0: a negative value ends there. */
export function placeBar(value: number, min: number, max: number): Bar {
  const low = Math.min(0, min);
  const span = Math.max(0, max) - low || 1;
  return { start: (Math.min(0, value) - low) / span, size: Math.abs(value) / span };
}

/** Rows of a long list that a window shows. */
export interface VisibleRows {
  readonly first: number;
  /** Index after the last one. */
  readonly end: number;
}

/** Finds the rows that a scrolled window shows, and some on both sides. Every row has the same height. */
export function findVisibleRows(
  { scrollTop, height }: { readonly scrollTop: number; readonly height: number },
  rowHeight: number,
  count: number,
  margin = 10,
): VisibleRows {
  const first = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight) - margin), Math.max(0, count - 1));
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + margin);
  return { first, end: Math.max(first, end) };
}
