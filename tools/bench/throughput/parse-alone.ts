import { createReadStream } from 'node:fs';
import { parse } from '../parse.ts';

/** What a part of the path took on its own. */
export interface PartTime {
  readonly seconds: number;
  readonly messages: readonly string[];
}

/** Parsing, validating and encoding, from a file to messages, with nothing else running. */
export async function timeParse(file: string): Promise<PartTime> {
  const messages: string[] = [];
  const started = performance.now();
  await parse(createReadStream(file), (message) => messages.push(message));
  return { seconds: (performance.now() - started) / 1_000, messages };
}
