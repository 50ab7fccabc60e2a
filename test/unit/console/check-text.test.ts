import { expect, test } from 'vitest';
import { describeSweep, describeVerification, hrefOfFinding } from '../../../console/check-text.ts';
import { createFormat } from '../../../console/format.ts';
import type { CheckState, SweepCounts, VerifyCounts } from '../../../lambdas/core/api-answers.ts';

const format = createFormat('en-GB');
const NOW = Date.parse('2025-03-14T12:00:00Z');
const SWEPT: SweepCounts = { files: 12, compared: 12, lost: 0, stuck: 0, unsent: 0 };
const VERIFIED: VerifyCounts = { uploads: 3, rows: 420, differences: 0, stuck: 0, stores: 0, missing: 0 };

function stateOf<Counts>(counts: Counts, everyMinutes: number): CheckState<Counts> {
  const last = { finishedAt: '2025-03-14T11:40:00Z', counts, findings: [], moreFindings: 0 };
  return { everyMinutes, last, dueAt: '2025-03-14T12:30:00Z', isOverdue: false };
}
const sweepOf = (counts: Partial<SweepCounts> = {}) =>
  describeSweep(stateOf({ ...SWEPT, ...counts }, 15), format, NOW);
const verifyOf = (counts: Partial<VerifyCounts> = {}) =>
  describeVerification(stateOf({ ...VERIFIED, ...counts }, 1_440), format, NOW);

test('a check that has not run says so, and how often it runs', () => {
  expect(describeSweep({ everyMinutes: 15, isOverdue: false }, format, NOW)).toMatchObject({
    tone: 'busy',
    label: 'Not run yet',
    headline: 'The sweeper has not run yet.',
    next: 'It runs every 15 minutes.',
  });
  expect(describeVerification({ everyMinutes: 60, isOverdue: false }, format, NOW)).toMatchObject({
    headline: 'The verifier has not run yet.',
    next: 'It runs every hour.',
  });
});

test.each<[Partial<SweepCounts>, string, string]>([
  [{}, 'good', '12 files 20 minutes ago: none was lost.'],
  [{ files: 1, compared: 1 }, 'good', '1 file 20 minutes ago: none was lost.'],
  [{ files: 0, compared: 0 }, 'good', '0 files 20 minutes ago: none was lost.'],
  [{ compared: 0 }, 'good', '12 files 20 minutes ago: no new one came in the last hours.'],
  [{ lost: 1 }, 'warn', '12 files 20 minutes ago: 1 had got lost on the way. It was sent again.'],
  [
    { lost: 2, stuck: 1, unsent: 1 },
    'warn',
    '12 files 20 minutes ago: 2 had got lost on the way, 1 had stopped and 1 receipt had not been sent. All were sent again.',
  ],
])('a sweep with %o is said in words', (counts, tone, rest) => {
  expect(sweepOf(counts)).toMatchObject({ tone, headline: `The sweeper looked at ${rest}` });
});

test.each<[Partial<VerifyCounts>, string, string]>([
  [{}, 'good', 'they agree.'],
  [{ stores: 2 }, 'good', 'they agree, and every expected file has arrived.'],
  [{ differences: 1, stuck: 1 }, 'bad', 'it found 1 difference and 1 file made no progress.'],
  [{ stores: 2, missing: 2 }, 'warn', '2 expected files did not arrive.'],
])('a verification with %o is said in words', (counts, tone, rest) => {
  const compared = 'The verifier compared 3 uploads and 420 rows with the table 20 minutes ago';
  expect(verifyOf(counts)).toMatchObject({ tone, headline: `${compared}: ${rest}` });
});

test('an overdue check says since when, also if its last result was good', () => {
  const { tone, label, next } = describeSweep({ ...stateOf(SWEPT, 15), isOverdue: true }, format, NOW);
  expect([tone, label]).toEqual(['warn', 'Overdue']);
  expect(next).toMatch(/^It runs every 15 minutes, and should have run at .*: this result is old\.$/);
  expect(sweepOf().next).toMatch(/^It runs every 15 minutes, next at 14 Mar 2025, /);
});

test('a finding leads to its file, to files of its name, or to the days of its store', () => {
  const file = { text: '', store: 'oslo', fileName: 'a b.csv' };
  expect(hrefOfFinding({ kind: 'difference', uploadId: 'u1', ...file })).toBe('#/files/u1');
  expect(hrefOfFinding({ kind: 'lost', ...file })).toBe('#/files?store=oslo&name=a+b.csv');
  expect(hrefOfFinding({ kind: 'unsent', text: '', uploadId: 'u1' })).toBe('#/files/u1');
  expect(hrefOfFinding({ kind: 'missing', text: '', store: 'oslo', day: '2025-03-14' })).toBe(
    '#/days?store=oslo&month=2025-03',
  );
  expect(hrefOfFinding({ kind: 'difference', text: '', uploadId: 'unknown' })).toBeUndefined();
});
