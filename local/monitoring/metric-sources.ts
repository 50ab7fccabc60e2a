import type { QueueEngine } from '../sqs/queue-engine.ts';
import type { MetricName, MetricStore } from './metric-store.ts';

/** SQS developer guide, "Available CloudWatch metrics for Amazon SQS". */
const OF_QUEUES = [
  'ApproximateNumberOfMessagesVisible',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateAgeOfOldestMessage',
  'NumberOfMessagesReceived',
  'NumberOfMessagesDeleted',
] as const;
/** Lambda developer guide, "Types of metrics for Lambda functions". */
const OF_FUNCTIONS = ['Invocations', 'Errors', 'Throttles', 'Duration'] as const;

/** Tells which metrics of AWS this machine has. Functions may write any metric in a namespace of their own. */
export function isProducedFor(queueNames: readonly string[], functionNames: readonly string[]) {
  const isOne = (names: readonly string[], dimension: string, owners: readonly string[]) => {
    return ({ name, dimensions: { [dimension]: owner = '', ...others } }: MetricName) =>
      names.includes(name) && owners.includes(owner) && Object.keys(others).length === 0;
  };
  const ofQueue = isOne(OF_QUEUES, 'QueueName', queueNames);
  const ofFunction = isOne(OF_FUNCTIONS, 'FunctionName', functionNames);
  return (metric: MetricName): boolean => {
    if (metric.namespace === 'AWS/SQS') return ofQueue(metric);
    if (metric.namespace === 'AWS/Lambda') return ofFunction(metric);
    return !metric.namespace.startsWith('AWS/');
  };
}

/** Records what the parts of this machine report. */
export class Meter {
  #store: MetricStore;

  constructor(store: MetricStore) {
    this.#store = store;
  }

  /** Records how many messages each queue has, and since when. */
  async sampleQueues(engine: QueueEngine): Promise<void> {
    for (const { name } of engine.queues) {
      const { visible, inFlight, delayed } = await engine.count(name);
      const oldest = engine.oldestSentAt(name);
      this.#recordQueue(name, {
        ApproximateNumberOfMessagesVisible: visible,
        ApproximateNumberOfMessagesNotVisible: inFlight,
        ApproximateNumberOfMessagesDelayed: delayed,
        ApproximateAgeOfOldestMessage: oldest === undefined ? 0 : Math.floor((Date.now() - oldest) / 1_000),
      });
    }
  }

  messagesReceived(queueName: string, count: number): void {
    this.#recordQueue(queueName, { NumberOfMessagesReceived: count });
  }

  messagesDeleted(queueName: string, count: number): void {
    this.#recordQueue(queueName, { NumberOfMessagesDeleted: count });
  }

  /** Records an invocation that has ended. */
  invoked(functionName: string, milliseconds: number, hasFailed: boolean): void {
    this.#recordFunction(functionName, {
      Invocations: 1,
      Errors: hasFailed ? 1 : 0,
      Throttles: 0,
      Duration: milliseconds,
    });
  }

  throttled(functionName: string): void {
    this.#recordFunction(functionName, { Throttles: 1 });
  }

  /** Records the metrics of a line in the embedded metric format (CloudWatch user guide, "Specification: Embedded metric format"). */
  logged(line: string): void {
    if (!line.includes('"_aws"')) return;
    for (const { metric, values, time } of readEmbedded(line)) this.#store.record(metric, values, time);
  }

  #recordQueue(QueueName: string, values: Partial<Record<(typeof OF_QUEUES)[number], number>>): void {
    this.#record('AWS/SQS', { QueueName }, values);
  }

  #recordFunction(
    FunctionName: string,
    values: Partial<Record<(typeof OF_FUNCTIONS)[number], number>>,
  ): void {
    this.#record('AWS/Lambda', { FunctionName }, values);
  }

  #record(namespace: string, dimensions: Record<string, string>, values: Record<string, number>): void {
    for (const [name, value] of Object.entries(values)) {
      this.#store.record({ namespace, name, dimensions }, [value], Date.now());
    }
  }
}

interface Embedded {
  readonly _aws?: {
    readonly Timestamp?: number;
    readonly CloudWatchMetrics?: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** Reads the metrics of a line. A line that is not in the format has none, as in CloudWatch. */
function readEmbedded(line: string): { metric: MetricName; values: number[]; time: number }[] {
  try {
    const root = JSON.parse(line) as Embedded & Readonly<Record<string, unknown>>;
    const { Timestamp: time = Date.now(), CloudWatchMetrics = [] } = root._aws ?? {};
    return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) => {
        const dimensions = Object.fromEntries(names.map((name) => [name, String(root[name])]));
        return Metrics.map(({ Name: name }) => {
          const values = [root[name]].flat().filter((value) => typeof value === 'number');
          return { metric: { namespace, name, dimensions }, values, time };
        });
      }),
    );
  } catch {
    return [];
  }
}
