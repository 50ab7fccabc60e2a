/** Cuts a text or bytes into pieces of the given sizes, over and over, until nothing is left. */
export function cut<Whole extends string | Uint8Array>(whole: Whole, sizes: readonly number[]): Whole[] {
  const pieces: Whole[] = [];
  for (let start = 0; start < whole.length; ) {
    const end = start + sizes[pieces.length % sizes.length]!;
    pieces.push(whole.slice(start, end) as Whole);
    start = end;
  }
  return pieces;
}
