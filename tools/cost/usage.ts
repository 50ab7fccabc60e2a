import type { Usage, Work } from './consumption.ts';

type Numbers = { readonly [Key in Exclude<keyof Usage, 'parse' | 'load'>]: number };

/** What is left of a usage without another one, and nothing below zero. */
export function minus(usage: Usage, other: Usage): Usage {
  return combine(usage, other, (value, less) => Math.max(0, value - less));
}

/** One of so many equal parts, rounded up. */
export function shareOf(usage: Usage, parts: number): Usage {
  return combine(usage, usage, (value) => Math.ceil(value / parts));
}

/** What so many rows used, for a million of them, rounded up. */
export function perMillion(usage: Usage, rows: number): Usage {
  return combine(usage, usage, (value) => Math.ceil((value * 1_000_000) / rows));
}

function combine(one: Usage, two: Usage, how: (one: number, two: number) => number): Usage {
  const { parse: parserOne, load: consumerOne, ...numbersOne } = one;
  const { parse: parserTwo, load: consumerTwo, ...numbersTwo } = two;
  return {
    ...(mapBoth(numbersOne, numbersTwo, how) as Numbers),
    parse: mapBoth({ ...parserOne }, { ...parserTwo }, how) as unknown as Work,
    load: mapBoth({ ...consumerOne }, { ...consumerTwo }, how) as unknown as Work,
  };
}

function mapBoth(
  one: Readonly<Record<string, number>>,
  two: Readonly<Record<string, number>>,
  how: (one: number, two: number) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(one).map(([key, value]) => [key, how(value, two[key]!)]));
}
