import { readFileSync } from 'node:fs';

/** Who is told about the files of a store. */
export interface StoreContacts {
  readonly emails: readonly string[];
  readonly webhook?: string;
  /** `problems`: only about files that were refused or have rejected or conflicting rows. */
  readonly when: 'always' | 'problems';
}

export interface NotifySettings {
  /** Sender of mails; absent in a stage without mails. */
  readonly from?: string;
  readonly stores: Readonly<Record<string, StoreContacts>>;
}

/** Name of the file beside the bundled code. `lib/` writes it: the environment of a function has 4 KB at most. */
export const NOTIFY_SETTINGS_FILE = 'notify.json';

/** Reads the contacts of all stores beside the code. @param codeUrl of a file in the function's folder */
export function readNotifySettings(codeUrl: string): NotifySettings {
  return JSON.parse(readFileSync(new URL(NOTIFY_SETTINGS_FILE, codeUrl), 'utf8')) as NotifySettings;
}
