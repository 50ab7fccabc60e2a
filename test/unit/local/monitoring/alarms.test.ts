import { describe, expect, test } from 'vitest';
import type { AlarmModel } from '../../../../local/assembly/readers/alarm-readers.ts';
import { Alarms } from '../../../../local/monitoring/alarms.ts';
import { MetricStore } from '../../../../local/monitoring/metric-store.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-01-05T10:00:00Z');
const METRIC = {
  id: 'm1',
  namespace: 'Shop',
  name: 'Failed',
  dimensions: { service: 'x' },
  statistic: 'Sum',
};

/** An alarm on `METRIC`, and its state after a number of minutes. */
function watch(changes: Partial<AlarmModel> = {}, isProduced = true) {
  const store = new MetricStore();
  const model = {
    name: 'shop/Failed',
    comparison: 'GreaterThanThreshold',
    threshold: 0,
    periodSeconds: 300,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    missingData: 'notBreaching',
    warmUpMinutes: 0,
    metrics: [METRIC],
    expression: 'm1',
    ...changes,
  } as AlarmModel;
  const alarms = new Alarms([model], store, () => isProduced, START);
  return {
    record: (minute: number, ...values: number[]) => store.record(METRIC, values, START + minute * MINUTE),
    stateAfter(minutes: number) {
      alarms.evaluate(START + minutes * MINUTE);
      return alarms.list()[0]!;
    },
  };
}

describe('an alarm', () => {
  test('begins without data, and is raised and ended by its metric', () => {
    const { record, stateAfter } = watch();
    expect(stateAfter(0)).toMatchObject({
      state: 'OK',
      reason:
        'Threshold Crossed: no datapoints were received for 1 period and missing datapoints were treated as [NonBreaching].',
    });
    record(3, 1, 2);
    expect(stateAfter(3)).toMatchObject({
      state: 'ALARM',
      reason: 'Threshold Crossed: 1 datapoint [3] was greater than the threshold (0).',
      transitionedAt: START + 3 * MINUTE,
    });
    record(9, 0);
    expect(stateAfter(9)).toMatchObject({
      state: 'OK',
      reason: 'Threshold Crossed: 1 datapoint [0] was not greater than the threshold (0).',
      transitionedAt: START + 9 * MINUTE,
    });
  });

  test('keeps the time of its transition while only the reason changes', () => {
    const { record, stateAfter } = watch();
    record(3, 1);
    stateAfter(3);
    record(4, 1);
    expect(stateAfter(4)).toMatchObject({
      state: 'ALARM',
      reason: expect.stringContaining('[2]'),
      updatedAt: START + 4 * MINUTE,
      transitionedAt: START + 3 * MINUTE,
    });
  });

  test('looks at the last data points beyond its periods, and then at none', () => {
    const { record, stateAfter } = watch();
    record(0, 1);
    expect([4, 14, 15].map((minutes) => stateAfter(minutes).state)).toEqual(['ALARM', 'ALARM', 'OK']);
  });

  test.each([
    ['SampleCount', 2],
    ['Sum', 7],
    ['Average', 3.5],
    ['Minimum', 2],
    ['Maximum', 5],
  ])('compares the statistic %s', (statistic, value) => {
    const { record, stateAfter } = watch({ metrics: [{ ...METRIC, statistic }] });
    record(1, 2);
    record(2, 5);
    expect(stateAfter(3).reason).toContain(`[${value}]`);
  });

  test.each([
    ['GreaterThanThreshold', 'OK', 'OK', 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 'OK', 'ALARM', 'ALARM'],
    ['LessThanThreshold', 'ALARM', 'OK', 'OK'],
    ['LessThanOrEqualToThreshold', 'ALARM', 'ALARM', 'OK'],
  ] as const)('compares with %s', (comparison, ...states) => {
    const found = [4, 5, 6].map((value) => {
      const { record, stateAfter } = watch({ comparison, threshold: 5 });
      record(0, value);
      return stateAfter(0).state;
    });
    expect(found).toEqual(states);
  });

  test('waits for all of its periods', () => {
    const { record, stateAfter } = watch({ evaluationPeriods: 3, datapointsToAlarm: 3 });
    const states = [0, 5, 10].map((minute) => {
      record(minute, 1);
      return stateAfter(minute).state;
    });
    expect(states).toEqual(['OK', 'OK', 'ALARM']);
  });

  test('that ignores missing data keeps its state until a value ends it', () => {
    const { record, stateAfter } = watch({ missingData: 'ignore' });
    expect(stateAfter(0).state).toBe('INSUFFICIENT_DATA');
    record(1, 1);
    const raised = stateAfter(1);
    expect(stateAfter(1_000)).toEqual(raised);
    expect(raised.state).toBe('ALARM');
    record(1_001, 0);
    expect(stateAfter(1_001).state).toBe('OK');
  });

  test('that watches for silence begins after its warm-up', () => {
    const { record, stateAfter } = watch({
      comparison: 'LessThanThreshold',
      threshold: 1,
      missingData: 'breaching',
      metrics: [{ ...METRIC, statistic: 'SampleCount' }],
      warmUpMinutes: 60,
    });
    expect(stateAfter(59)).toMatchObject({
      state: 'INSUFFICIENT_DATA',
      reason: 'Warming up for 60 minutes.',
    });
    expect(stateAfter(60).state).toBe('ALARM');
    record(61, 0);
    expect(stateAfter(61).state).toBe('OK');
  });

  test('whose metric this machine does not have says so', () => {
    const { record, stateAfter } = watch({}, false);
    record(1, 1);
    expect(stateAfter(1)).toMatchObject({
      state: 'INSUFFICIENT_DATA',
      reason: 'Not measured on this machine: Sum of Shop Failed.',
    });
    const percentile = watch({ metrics: [{ ...METRIC, statistic: 'p99' }] });
    expect(percentile.stateAfter(1).reason).toBe('Not measured on this machine: p99 of Shop Failed.');
  });

  test('with an expression that the local cloud does not evaluate is refused', () => {
    expect(() => watch({ expression: 'RATE(m1)' })).toThrow('RATE');
  });
});

test('values are kept as long as an alarm needs them', () => {
  const store = new MetricStore();
  store.watch(METRIC, 15);
  store.watch(METRIC, 10);
  const read = (start: number, end: number) => store.read(METRIC, 'Sum', start, end);
  for (let minute = 0; minute < 20; minute++) store.record(METRIC, [1], minute * MINUTE);
  expect([read(0, 20), read(0, 5)]).toEqual([15, undefined]);
  store.record({ ...METRIC, dimensions: {} }, [1], 0);
  expect(store.read({ ...METRIC, dimensions: {} }, 'Sum', 0, 1)).toBeUndefined();
});
