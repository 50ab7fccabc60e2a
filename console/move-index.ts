/** Moves through the points of a chart. The first key begins at the newest point, or at the oldest one for Home. */
export function moveIndex(index: number | undefined, step: number, count: number): number {
  const last = Math.max(0, count - 1);
  if (index === undefined) return step === Number.NEGATIVE_INFINITY ? 0 : last;
  return Math.min(last, Math.max(0, index + step));
}
