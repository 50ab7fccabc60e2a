import { readFileSync } from 'node:fs';
import type { Deadline } from '../core/deadlines.ts';
import type { CheckName } from './check-results.ts';
import type { Limits } from './readings.ts';

/** Facts about the stage that the API returns. */
export interface ApiSettings {
  readonly stage: string;
  /** Stores of the setting `retail:stores`. */
  readonly stores: readonly string[];
  readonly limits: Limits;
  readonly parserRevision: string;
  readonly deadlines: readonly Deadline[];
  /** Time between two runs of each check. */
  readonly checkMinutes: Readonly<Record<CheckName, number>>;
  /** Advice for each alarm, by its heading; undefined in a stage without alarms. */
  readonly runbook?: Readonly<Record<string, string>>;
}

/** Name of the file beside the bundled code. `lib/` writes it: the environment of a function has 4 KB at most. */
export const API_SETTINGS_FILE = 'api.json';

/** Reads the settings beside the bundled code. */
export function readApiSettings(): ApiSettings {
  return JSON.parse(readFileSync(new URL(API_SETTINGS_FILE, import.meta.url), 'utf8')) as ApiSettings;
}
