import { describe, expect, test } from 'vitest';
import {
  type AlarmState,
  evaluate,
  evaluationRangeOf,
  type MissingData,
} from '../../../../local/monitoring/evaluate.ts';

const TREATMENTS: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const STATES: Readonly<Record<string, AlarmState | 'kept'>> = {
  O: 'OK',
  A: 'ALARM',
  I: 'INSUFFICIENT_DATA',
  K: 'kept',
};

/** @param points the oldest first, as in the user guide of CloudWatch: X is breaching, 0 is not, and - is missing */
function stateOf(points: string, datapointsToAlarm: number, missingData: MissingData, state: AlarmState) {
  const values = [...points].map((point) => (point === '-' ? undefined : point === 'X')).reverse();
  return evaluate({ evaluationPeriods: 3, datapointsToAlarm, missingData }, values, state);
}

describe('the examples of the user guide ("How alarm state is evaluated when data is missing")', () => {
  test.each([
    // Points, data points to alarm, and the states in the order of TREATMENTS.
    ['0-X-X', 3, 'OOOO'],
    ['0----', 3, 'OOOO'],
    ['----0', 3, 'OOOO'],
    ['-----', 3, 'IKAO'],
    ['0XX-X', 3, 'AAAA'],
    ['----X', 3, 'IKAO'],
    ['X----', 3, 'AKAO'],
    ['--X--', 3, 'AKAO'],
    ['0-X-X', 2, 'AAAA'],
    ['00X0X', 2, 'AAAA'],
    ['0-X--', 2, 'OOAO'],
    ['----0', 2, 'OOAO'],
    ['----X', 2, 'IKAO'],
    ['---X-', 2, 'AKAO'],
  ])('%s with %i of 3', (points, datapointsToAlarm, expected) => {
    for (const before of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
      const states = TREATMENTS.map((missing) => stateOf(points, datapointsToAlarm, missing, before));
      expect(states).toEqual([...expected].map((letter) => (letter === 'K' ? before : STATES[letter])));
    }
  });
});

test('the newest data points count, where there are enough', () => {
  expect(stateOf('XX000', 3, 'missing', 'ALARM')).toBe('OK');
  expect(stateOf('00XXX', 3, 'missing', 'OK')).toBe('ALARM');
  expect(evaluationRangeOf({ evaluationPeriods: 3 })).toBe(5);
});
