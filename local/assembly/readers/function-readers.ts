import { arn, nameOf } from '../physical-names.ts';
import type { Assembly, Resource } from '../template.ts';
import { statementsOf } from './policy-readers.ts';

export type FunctionModel = ReturnType<typeof readFunction>;
export type EventSourceModel = ReturnType<typeof readEventSource>;
export type ScheduleModel = NonNullable<ReturnType<typeof readSchedule>>;

export function readFunction(resource: Resource, assembly: Assembly) {
  const runtime = resource.property('Runtime');
  if (resource.assetPath === undefined || !runtime?.startsWith('nodejs')) {
    throw new Error(`the local cloud cannot run ${resource.logicalId}: ${runtime}, no bundled asset`);
  }
  const environment = resource.property<{ Variables?: Record<string, string> }>('Environment');
  return {
    name: nameOf(resource),
    arn: resource.attribute('Arn'),
    bundleDir: resource.assetPath,
    /** `file.export`, as in the template. */
    handler: resource.property('Handler')!,
    environment: environment?.Variables ?? {},
    memoryMiB: resource.property<number>('MemorySize') ?? 128,
    timeoutSeconds: resource.property<number>('Timeout') ?? 3,
    roleArn: resource.property('Role')!,
    statements: statementsOf(assembly, resource.property('Role')!),
    telemetry: readTelemetry(resource),
  };
}

/** Reads the log group of a function. */
export function readLogGroup(resource: Resource) {
  const functionName = nameOf(resource);
  const group = resource.property<{ LogGroup?: string }>('LoggingConfig')?.LogGroup;
  return { name: group ?? `/aws/lambda/${functionName}`, functionName };
}

/** Lists the calls that Lambda makes with the role of a function (Lambda developer guide, "Execution role"). */
function readTelemetry(resource: Resource): { action: string; resource: string }[] {
  // Policies name a log group together with its streams.
  const logGroup = `${arn('logs', `log-group:${readLogGroup(resource).name}`)}:*`;
  // With the mode PassThrough, Lambda traces the calls whose callers ask for it.
  const isTraced = resource.property('TracingConfig') !== undefined;
  const traces = isTraced ? ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] : [];
  return [
    ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ action, resource: logGroup })),
    ...traces.map((action) => ({ action, resource: '*' })),
  ];
}

export function readEventSource(resource: Resource) {
  const scaling = resource.property<{ MaximumConcurrency?: number }>('ScalingConfig');
  const responses = resource.property<string[]>('FunctionResponseTypes') ?? [];
  if (!responses.includes('ReportBatchItemFailures')) {
    throw new Error(`the local cloud expects ReportBatchItemFailures of ${resource.logicalId}`);
  }
  const batchSize = resource.property<number>('BatchSize') ?? 10;
  const windowSeconds = resource.property<number>('MaximumBatchingWindowInSeconds') ?? 0;
  // Lambda API reference, "CreateEventSourceMapping".
  if (!isBetween(windowSeconds, 0, 300)) {
    throw new Error(
      `Lambda allows a batching window of 0 to 300 seconds, and not that of ${resource.logicalId}`,
    );
  }
  if (!isBetween(batchSize, 1, windowSeconds === 0 ? 10 : 10_000)) {
    const limit = 'Lambda allows a batch size of 1 to 10, or to 10,000 with a batching window';
    throw new Error(`${limit}, and not that of ${resource.logicalId}`);
  }
  return {
    /** In place of the UUID that a mapping has in AWS. */
    id: nameOf(resource),
    queueArn: resource.property('EventSourceArn')!,
    functionName: resource.property('FunctionName')!,
    batchSize,
    windowSeconds,
    maxConcurrency: scaling?.MaximumConcurrency ?? 1_000,
  };
}

function isBetween(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

const SECONDS_PER: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 };
const TARGET_INPUTS = ['Input', 'InputPath', 'InputTransformer'];

/** Reads a rule of EventBridge that calls functions at a fixed rate. @returns undefined if it is disabled */
export function readSchedule(resource: Resource) {
  const { logicalId } = resource;
  if (resource.property('EventPattern') !== undefined) {
    throw new Error(`the local cloud sends no events to EventBridge, and ${logicalId} needs them`);
  }
  if (resource.property('State') === 'DISABLED') return undefined;
  const expression = resource.property('ScheduleExpression') ?? '';
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const everySeconds = Number(count) * (SECONDS_PER[unit] ?? 0);
  // A timer of Node waits for less than 2^31 milliseconds.
  if (!(everySeconds > 0 && everySeconds * 1_000 < 2 ** 31)) {
    const limit = 'the local cloud knows schedules at a rate of up to 24 days';
    throw new Error(`${limit}, and ${logicalId} is "${expression}"`);
  }
  const targets = resource.property<{ Arn: string }[]>('Targets') ?? [];
  const other = targets.find(
    (target) => !target.Arn.startsWith('arn:aws:lambda:') || TARGET_INPUTS.some((name) => name in target),
  );
  if (other !== undefined) {
    const limit = `${logicalId}: the local cloud calls functions without input by schedule`;
    throw new Error(`${limit}, and not ${other.Arn}`);
  }
  const functionArns = targets.map(({ Arn }) => Arn);
  return { ruleArn: resource.attribute('Arn'), expression, functionArns, everySeconds };
}

/** Reads the name of a function that a deployment calls. */
export function readTrigger(resource: Resource): string {
  return resource.property('HandlerArn')!.split(':').at(-2)!;
}
