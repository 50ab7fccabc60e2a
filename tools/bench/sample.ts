import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { generateCsv } from '../generator/generator.ts';

/** The day of every row. */
export const DATE = '2025-03-17';

/** A name that says the day, with something that makes it one of its own. */
export function fileNameOf(suffix: string | number): string {
  return `retail_17_03_2025_${suffix}.csv`;
}

/** The text of a made-up file, in pieces: the same for the same seed, with other ids for another. */
export function sampleText(rows: number, seed: number): Generator<string> {
  return generateCsv({ rows, seed, date: DATE, days: 1, broken: 0 });
}

export async function writeSample(file: string, rows: number, seed: number): Promise<void> {
  const target = createWriteStream(file);
  for (const piece of sampleText(rows, seed)) {
    if (!target.write(piece)) await once(target, 'drain');
  }
  await finished(target.end());
}

/** The bytes of a made-up file that lies nowhere. */
export async function* sampleBytes(rows: number, seed: number): AsyncGenerator<Uint8Array> {
  for (const piece of sampleText(rows, seed)) yield Buffer.from(piece);
}
