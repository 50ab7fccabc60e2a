/** Whole numbers from 0 to 2^32 - 1: a counter put through the finalizer of MurmurHash3, twice. */
export function randomNumbers(seed: number): () => number {
  let counter = Math.imul(seed, 0x9e3779b1);
  const mix = (value: number) => {
    let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  return () => {
    counter = (counter + 0x6d2b79f5) | 0;
    return mix(mix(counter) + seed);
  };
}
