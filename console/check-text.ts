import type { CheckFinding, CheckState, SweepCounts, VerifyCounts } from '../lambdas/core/api-answers.ts';
import { plural } from '../lambdas/core/plural.ts';
import type { Format } from './format.ts';
import type { IconName } from './parts/icon.tsx';
import { hrefOf } from './router.ts';

/** Sentences about the result of a check, for a person who does not know it. */
export interface CheckText {
  readonly tone: 'good' | 'warn' | 'bad' | 'busy';
  readonly icon: IconName;
  readonly label: string;
  readonly headline: string;
  /** When it runs. */
  readonly next: string;
}

const TONES = {
  good: { tone: 'good', icon: 'check' },
  warn: { tone: 'warn', icon: 'warning' },
  bad: { tone: 'bad', icon: 'cross' },
  busy: { tone: 'busy', icon: 'waiting' },
} as const;

export function describeSweep(state: CheckState<SweepCounts>, format: Format, now: number): CheckText {
  const { last } = state;
  if (last === undefined) return describeUnrun('sweeper', state, format);
  const { files, compared, lost, stuck, unsent } = last.counts;
  const looked = `The sweeper looked at ${countOf(format, files, 'file')} ${format.ago(last.finishedAt, now)}`;
  const found = [
    ...(lost > 0 ? [`${format.count(lost)} had got lost on the way`] : []),
    ...(stuck > 0 ? [`${format.count(stuck)} had stopped`] : []),
    ...(unsent > 0 ? [`${countOf(format, unsent, 'receipt')} had not been sent`] : []),
  ];
  const quiet = compared === 0 && files > 0 ? 'no new one came in the last hours' : 'none was lost';
  const headline =
    found.length > 0
      ? `${looked}: ${joinWords(found)}. ${lost + stuck + unsent === 1 ? 'It was' : 'All were'} sent again.`
      : `${looked}: ${quiet}.`;
  return judge(state, { tone: found.length > 0 ? 'warn' : 'good', good: 'Nothing lost', headline }, format);
}

export function describeVerification(
  state: CheckState<VerifyCounts>,
  format: Format,
  now: number,
): CheckText {
  const { last } = state;
  if (last === undefined) return describeUnrun('verifier', state, format);
  const { uploads, rows, differences, stuck, stores, missing } = last.counts;
  const what = `${countOf(format, uploads, 'upload')} and ${countOf(format, rows, 'row')}`;
  const compared = `The verifier compared ${what} with the table ${format.ago(last.finishedAt, now)}`;
  const found = [
    ...(differences > 0 ? [`it found ${countOf(format, differences, 'difference')}`] : []),
    ...(stuck > 0 ? [`${countOf(format, stuck, 'file')} made no progress`] : []),
    ...(missing > 0 ? [`${countOf(format, missing, 'expected file')} did not arrive`] : []),
  ];
  const fine = stores > 0 ? 'they agree, and every expected file has arrived' : 'they agree';
  const headline = `${compared}: ${found.length > 0 ? joinWords(found) : fine}.`;
  const tone = differences > 0 ? 'bad' : found.length > 0 ? 'warn' : 'good';
  return judge(state, { tone, good: 'All rows agree', headline }, format);
}

/** Says what to do about a finding. */
export function adviseFinding({ kind }: CheckFinding): string {
  return ADVICE[kind];
}

const ADVICE: Readonly<Record<CheckFinding['kind'], string>> = {
  lost: 'It was sent to be loaded: look whether it is there now. If this happens often, see "Sweep/LostObjects" in the runbook.',
  stuck: 'Look at "Not handled" on this page, and send its messages back.',
  unsent: 'Nothing to do, unless it happens often: then look at "Not handled" on this page.',
  difference:
    'Run "retail verify". If it is still so, the table was changed by hand, or an older one was restored: see "Verify/LedgerDifferences" in the runbook.',
  endangered:
    'The rows are safe now. Look whether the settings were changed after the file was sent, before you rebuild the database.',
  missing: 'Ask the store for its file.',
};

/** Writes the address of the place that a finding is about; undefined if it is about no place. */
export function hrefOfFinding({ kind, uploadId, store, fileName, day }: CheckFinding): string | undefined {
  if (kind === 'missing') return hrefOf('days', { query: { store, month: day?.slice(0, 7) } });
  // The ledger may not have an upload of which only rows are known.
  if (uploadId !== undefined && (fileName !== undefined || kind === 'unsent')) {
    return hrefOf('upload', { id: uploadId });
  }
  return fileName && hrefOf('files', { query: { store, name: fileName } });
}

function describeUnrun(name: string, { everyMinutes }: CheckState<unknown>, format: Format): CheckText {
  const headline = `The ${name} has not run yet.`;
  return {
    ...TONES.busy,
    label: 'Not run yet',
    headline,
    next: `It runs every ${span(everyMinutes, format)}.`,
  };
}

function judge(
  { everyMinutes, dueAt = '', isOverdue }: CheckState<unknown>,
  { tone, good, headline }: { tone: 'good' | 'warn' | 'bad'; good: string; headline: string },
  format: Format,
): CheckText {
  const rate = `It runs every ${span(everyMinutes, format)}`;
  if (isOverdue) {
    const next = `${rate}, and should have run at ${format.time(dueAt)}: this result is old.`;
    return { ...TONES[tone === 'bad' ? 'bad' : 'warn'], icon: 'late', label: 'Overdue', headline, next };
  }
  const label = tone === 'good' ? good : tone === 'warn' ? 'Found something' : 'Differences';
  return { ...TONES[tone], label, headline, next: `${rate}, next at ${format.time(dueAt)}.` };
}

/** `15 minutes`, or `hour` for one. */
function span(minutes: number, format: Format): string {
  return format.duration(minutes * 60_000).replace(/^1 /, '');
}

function countOf({ count }: Format, number: number, noun: string): string {
  return `${count(number)} ${plural(number, noun)}`;
}

function joinWords(words: readonly string[]): string {
  const [last = '', ...others] = words.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`;
}
