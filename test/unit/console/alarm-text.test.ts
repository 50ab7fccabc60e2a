import { expect, test } from 'vitest';
import { describeOthers, splitAdvice } from '../../../console/alarm-text.ts';
import type { Alarm } from '../../../lambdas/core/api-answers.ts';

const alarm = (state: Alarm['state'], reason = ''): Alarm => ({
  name: 'retail-dev/A/B',
  heading: 'A/B',
  severity: 'warning',
  meaning: 'It is wrong.',
  state,
  reason,
  runbook: 'docs/runbook.md#ab',
});
const UNMEASURED = 'Not measured on this machine: Sum of AWS/RDS CPU.';

test.each([
  [[], ''],
  [[alarm('ok')], '1 is quiet.'],
  [
    [alarm('ok'), alarm('ok'), alarm('unknown', UNMEASURED)],
    '2 are quiet, 1 is not measured on this machine.',
  ],
  [
    [alarm('unknown', UNMEASURED), alarm('unknown', UNMEASURED), alarm('unknown'), alarm('unknown')],
    '2 are not measured on this machine, 2 have no data yet.',
  ],
  [[alarm('ok', UNMEASURED), alarm('unknown')], '1 is quiet, 1 has no data yet.'],
])('the other alarms are counted: case %#', (alarms, text) => {
  expect(describeOthers(alarms, String)).toBe(text);
});

test('an advice has paragraphs with text and code by turns', () => {
  expect(splitAdvice('Run `retail dlq`.\n\nThen wait.')).toEqual([
    ['Run ', 'retail dlq', '.'],
    ['Then wait.'],
  ]);
});
