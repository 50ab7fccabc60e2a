import { readFileSync } from 'node:fs';
import type { RulesDocument } from '../core/rules.ts';

/** Name of the file beside the code of a function. `lib/` writes it: the environment of a function has 4 KB at most. */
export const RULES_FILE = 'rules.json';

/** Reads the rules of all stores beside the bundled code. */
export function readRulesDocument(): RulesDocument {
  return JSON.parse(readFileSync(new URL(RULES_FILE, import.meta.url), 'utf8')) as RulesDocument;
}
