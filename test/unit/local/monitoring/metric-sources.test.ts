import { beforeEach, describe, expect, test } from 'vitest';
import { isProducedFor, Meter } from '../../../../local/monitoring/metric-sources.ts';
import { type MetricName, MetricStore, minuteOf } from '../../../../local/monitoring/metric-store.ts';
import type { QueueEngine } from '../../../../local/sqs/queue-engine.ts';

const NOW = Date.now();
let store: MetricStore;
let meter: Meter;
const read = (metric: MetricName, statistic = 'Sum') => {
  const end = minuteOf(NOW) + 3;
  return store.read(metric, statistic, end - 6, end);
};
const metric = (namespace: string, name: string, dimensions: Record<string, string>): MetricName => {
  const found = { namespace, name, dimensions };
  store.watch(found, 60);
  return found;
};
beforeEach(() => {
  store = new MetricStore();
  meter = new Meter(store);
});

test('queues are measured', async () => {
  const of = (name: string) => metric('AWS/SQS', name, { QueueName: 'rows' });
  const names = ['Visible', 'NotVisible', 'Delayed'].map((end) => of(`ApproximateNumberOfMessages${end}`));
  const others = ['ApproximateAgeOfOldestMessage', 'NumberOfMessagesReceived', 'NumberOfMessagesDeleted'].map(
    of,
  );
  const engine = {
    queues: [{ name: 'rows' }],
    count: async () => ({ visible: 3, inFlight: 2, delayed: 1 }),
    oldestSentAt: () => Date.now() - 90_500,
  } as unknown as QueueEngine;
  await meter.sampleQueues(engine);
  meter.messagesReceived('rows', 10);
  meter.messagesDeleted('rows', 4);
  expect([...names, ...others].map((each) => read(each))).toEqual([3, 2, 1, 90, 10, 4]);
});

test('functions are measured', () => {
  const of = (name: string) => metric('AWS/Lambda', name, { FunctionName: 'load' });
  const metrics = ['Invocations', 'Errors', 'Throttles', 'Duration'].map(of);
  meter.invoked('load', 120, false);
  meter.invoked('load', 80, true);
  meter.throttled('load');
  meter.invoked('parse', 1, true);
  expect(metrics.map((each) => read(each))).toEqual([2, 1, 1, 200]);
});

describe('a line in the embedded metric format', () => {
  const line = (changes: object = {}) => ({
    _aws: {
      Timestamp: NOW,
      CloudWatchMetrics: [
        {
          Namespace: 'Shop/dev',
          Dimensions: [['service'], ['service', 'Store']],
          Metrics: [{ Name: 'Rows', Unit: 'Count' }],
        },
      ],
    },
    service: 'parse',
    Store: 'oslo',
    Rows: [2, 3],
    ...changes,
  });

  test('is counted for each set of dimensions, at its time', () => {
    const sets: Record<string, string>[] = [{ service: 'parse' }, { Store: 'oslo', service: 'parse' }];
    const metrics = sets.map((dimensions) => metric('Shop/dev', 'Rows', dimensions));
    meter.logged(JSON.stringify(line()));
    meter.logged(JSON.stringify(line({ Rows: 1 })));
    expect(metrics.map((each) => [read(each), read(each, 'SampleCount')])).toEqual([
      [6, 3],
      [6, 3],
    ]);
  });

  test.each([
    ['{"_aws":'],
    ['"_aws"'],
    [JSON.stringify(line({ Rows: '2' }))],
    ['{"_aws":{"CloudWatchMetrics":[{}]}}'],
    ['{"message":"text"}'],
  ])('%s has no value', (text) => {
    const rows = metric('Shop/dev', 'Rows', { service: 'parse' });
    meter.logged(text);
    expect(read(rows, 'Sum') ?? 0).toBe(0);
  });
});

test('metrics of AWS are those that this machine has; functions may write any other', () => {
  const isProduced = isProducedFor(['rows'], ['load']);
  const of = (namespace: string, name: string, dimensions: Record<string, string> = {}) =>
    isProduced({ namespace, name, dimensions });
  expect([
    of('AWS/SQS', 'NumberOfMessagesDeleted', { QueueName: 'rows' }),
    of('AWS/SQS', 'NumberOfMessagesDeleted', { QueueName: 'other' }),
    of('AWS/SQS', 'SentMessageSize', { QueueName: 'rows' }),
    of('AWS/Lambda', 'Errors', { FunctionName: 'load' }),
    of('AWS/Lambda', 'Errors', { FunctionName: 'load', Resource: 'load:1' }),
    of('AWS/Lambda', 'Errors'),
    of('AWS/RDS', 'DatabaseConnections'),
    of('Shop', 'Rows'),
  ]).toEqual([true, false, false, true, false, false, false, true]);
});
