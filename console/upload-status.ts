import type { UploadEntry } from '../lambdas/core/api-answers.ts';

/** State of an upload as people see it. */
export interface StatusText {
  /** Class of the style sheet that gives the colour. */
  readonly tone: 'good' | 'warn' | 'bad' | 'busy' | 'quiet';
  readonly icon: 'check' | 'warning' | 'cross' | 'waiting' | 'info';
  readonly label: string;
}

/** Says the state of an upload in a few words: open rows matter more than that it is complete. */
export function describeStatus(
  { status, rows }: Pick<UploadEntry, 'status' | 'rows'>,
  formatCount: (count: number) => string,
): StatusText {
  if (status === 'loading') return { tone: 'busy', icon: 'waiting', label: 'Loading' };
  if (status === 'failed') return { tone: 'bad', icon: 'cross', label: 'Refused' };
  if (status === 'superseded') return { tone: 'quiet', icon: 'info', label: 'Read again' };
  if (rows.open > 0) return { tone: 'warn', icon: 'warning', label: `${formatCount(rows.open)} to correct` };
  if (rows.read > 0 && rows.retracted === rows.read)
    return { tone: 'quiet', icon: 'info', label: 'Taken out' };
  if (rows.rejected > 0) return { tone: 'good', icon: 'check', label: 'All settled' };
  return { tone: 'good', icon: 'check', label: 'Complete' };
}

/** Name of the file without its folders. */
export function nameFile(key: string): string {
  return key.split('/').at(-1) || key;
}

/** Folders of a store that say where a file comes from. */
export function describeSource(key: string): string | undefined {
  const [, , folder, archive] = key.split('/');
  if (folder === 'api') return 'from the tills';
  if (folder === 'unpacked' && archive !== undefined) return `from ${archive.replace(/-[0-9a-f]{8}$/, '')}`;
  return undefined;
}
