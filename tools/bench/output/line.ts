/** One number of the benchmark as people read it. */
export interface Line {
  readonly part: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** To what `ratioTo` names. */
  readonly ratio?: number;
  readonly ratioTo?: string;
  /** Where the number was not measured: how it came about. */
  readonly basis?: string;
  /** Of another order than those beside it: a bar would hide them. @default true */
  readonly isDrawn?: boolean;
}

/** Whole numbers with separators; of small ones, a decimal. */
export function formatValue(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });
}

export function formatRatio({ ratio, ratioTo }: Line): string {
  return ratio === undefined ? '' : `${ratio.toFixed(2)} × ${ratioTo}`;
}
