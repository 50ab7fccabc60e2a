/**
 * Chooses round numbers for an axis.
 * @returns ticks from the first at or below the minimum to the first at or above the maximum
 */
export function chooseTicks(min: number, max: number, count = 4): number[] {
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  if (low === high) return [0, 1];
  const raw = (high - low) / count;
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((step) => step >= raw * 0.999)!;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  // Multiplied from whole numbers, so that 0 is 0 and rounding errors do not add up.
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

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
