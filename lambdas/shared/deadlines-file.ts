import { readFileSync } from 'node:fs';
import type { Deadline } from '../core/deadlines.ts';

/** The stores of the setting `retail:stores`, and the deadlines of their files. */
export interface DeadlinesDocument {
  readonly stores: readonly string[];
  readonly deadlines: readonly Deadline[];
}

/** Name of the file beside the bundled code. `lib/` writes it: the environment of a function has 4 KB at most. */
export const DEADLINES_FILE = 'deadlines.json';

/** Reads the deadlines beside the bundled code. */
export function readDeadlines(): DeadlinesDocument {
  return JSON.parse(readFileSync(new URL(DEADLINES_FILE, import.meta.url), 'utf8')) as DeadlinesDocument;
}
