import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { generateCsv } from '../generator/generator.ts';

/** Day of every row. */
export const DATE = '2025-03-17';

/** Builds a file name that contains the day. */
export function buildFileName(suffix: string | number): string {
  return `retail_17_03_2025_${suffix}.csv`;
}

/** Generates the bytes of a file. The same seed gives the same file, and another seed gives other ids. */
export async function* generateBytes(rows: number, seed: number): AsyncGenerator<Uint8Array> {
  for (const piece of generateCsv({ rows, seed, date: DATE, days: 1, broken: 0 })) yield Buffer.from(piece);
}

export async function writeSample(file: string, rows: number, seed: number): Promise<void> {
  await pipeline(Readable.from(generateBytes(rows, seed)), createWriteStream(file));
}
