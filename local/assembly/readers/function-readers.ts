import type { EventSourceModel, FunctionModel, ScheduleModel, TelemetryModel } from '../cloud-model.ts';
import { arn, nameOf } from '../physical-names.ts';
import type { Assembly, Resource } from '../template.ts';
import { statementsOf } from './policy-readers.ts';

export function readFunction(assembly: Assembly, resource: Resource): FunctionModel[] {
  const runtime = assembly.property<string>(resource, 'Runtime');
  if (resource.assetPath === undefined || !runtime?.startsWith('nodejs')) {
    throw new Error(`the local cloud cannot run ${resource.logicalId}: ${runtime}, no bundled asset`);
  }
  const environment = assembly.property<{ Variables?: Record<string, string> }>(resource, 'Environment');
  return [
    {
      name: nameOf(resource),
      arn: assembly.attribute(resource, 'Arn'),
      bundleDir: resource.assetPath,
      handler: assembly.property<string>(resource, 'Handler')!,
      environment: environment?.Variables ?? {},
      memoryMiB: assembly.property<number>(resource, 'MemorySize') ?? 128,
      timeoutSeconds: assembly.property<number>(resource, 'Timeout') ?? 3,
      statements: statementsOf(assembly, assembly.property<string>(resource, 'Role')!),
    },
  ];
}

export function readTelemetry(assembly: Assembly, resource: Resource): TelemetryModel[] {
  const functionName = nameOf(resource);
  const group = assembly.property<{ LogGroup?: string }>(resource, 'LoggingConfig')?.LogGroup;
  // Policies name a log group together with its streams.
  const logGroupArn = `${arn('logs', `log-group:${group ?? `/aws/lambda/${functionName}`}`)}:*`;
  const isTraced = assembly.property<{ Mode: string }>(resource, 'TracingConfig')?.Mode === 'Active';
  return [{ functionName, logGroupArn, isTraced }];
}

export function readEventSource(assembly: Assembly, resource: Resource): EventSourceModel[] {
  const scaling = assembly.property<{ MaximumConcurrency?: number }>(resource, 'ScalingConfig');
  const responses = assembly.property<string[]>(resource, 'FunctionResponseTypes') ?? [];
  if (!responses.includes('ReportBatchItemFailures')) {
    throw new Error(`the local cloud expects ReportBatchItemFailures of ${resource.logicalId}`);
  }
  return [
    {
      queueArn: assembly.property<string>(resource, 'EventSourceArn')!,
      functionName: assembly.property<string>(resource, 'FunctionName')!,
      batchSize: assembly.property<number>(resource, 'BatchSize') ?? 10,
      maxConcurrency: scaling?.MaximumConcurrency ?? 1_000,
    },
  ];
}

const SECONDS_PER: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 };

export function readSchedule(assembly: Assembly, resource: Resource): ScheduleModel[] {
  if (assembly.property(resource, 'EventPattern') !== undefined) {
    throw new Error(`the local cloud sends no events to EventBridge, and ${resource.logicalId} needs them`);
  }
  if (assembly.property(resource, 'State') === 'DISABLED') return [];
  const expression = assembly.property<string>(resource, 'ScheduleExpression') ?? '';
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const everySeconds = Number(count) * (SECONDS_PER[unit] ?? 0);
  // A timer of Node waits for less than 2^31 milliseconds.
  if (!(everySeconds > 0 && everySeconds * 1_000 < 2 ** 31)) {
    throw new Error(
      `the local cloud knows schedules at a rate of up to 24 days, and ${resource.logicalId} is "${expression}"`,
    );
  }
  const targets = assembly.property<{ Arn: string }[]>(resource, 'Targets') ?? [];
  const other = targets.find(
    (target) =>
      !target.Arn.startsWith('arn:aws:lambda:') ||
      'Input' in target ||
      'InputPath' in target ||
      'InputTransformer' in target,
  );
  if (other !== undefined) {
    throw new Error(
      `${resource.logicalId}: the local cloud calls functions without input by schedule, and not ${other.Arn}`,
    );
  }
  const ruleArn = assembly.attribute(resource, 'Arn');
  return [{ ruleArn, functionArns: targets.map(({ Arn }) => Arn), everySeconds }];
}

export function readTrigger(assembly: Assembly, resource: Resource): string[] {
  const handlerArn = assembly.property<string>(resource, 'HandlerArn')!;
  return [handlerArn.split(':').at(-2)!];
}
