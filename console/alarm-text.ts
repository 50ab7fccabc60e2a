import type { Alarm } from '../lambdas/core/api-answers.ts';
import { plural } from '../lambdas/core/plural.ts';

/** Beginning of the reason of an alarm whose metric the local cloud does not have. */
const UNMEASURED = 'Not measured on this machine';

/** Tells whether an alarm can never be raised where the page comes from. */
export function isUnmeasured({ state, reason }: Alarm): boolean {
  return state === 'unknown' && reason.startsWith(UNMEASURED);
}

/** Counts the alarms that are not raised, in a sentence. */
export function describeOthers(alarms: readonly Alarm[], count: (value: number) => string): string {
  const quiet = alarms.filter(({ state }) => state === 'ok').length;
  const unmeasured = alarms.filter(isUnmeasured).length;
  const unknown = alarms.filter(({ state }) => state === 'unknown').length - unmeasured;
  const parts = [
    ...part(quiet, 'is quiet', 'are quiet'),
    ...part(unmeasured, 'is not measured on this machine', 'are not measured on this machine'),
    ...part(unknown, 'has no data yet', 'have no data yet'),
  ];
  return parts.length === 0 ? '' : `${parts.join(', ')}.`;

  function part(number: number, one: string, several: string): string[] {
    return number === 0 ? [] : [`${count(number)} ${plural(number, one, several)}`];
  }
}

/** Splits an advice into paragraphs, and each of them into text and code by turns. */
export function splitAdvice(advice: string): string[][] {
  return advice.split('\n\n').map((paragraph) => paragraph.split('`'));
}
