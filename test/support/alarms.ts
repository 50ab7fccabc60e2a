import type { SynthesizedStack } from './synthesized-app.ts';

interface AlarmMetric {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

export interface TemplateAlarm {
  readonly logicalId: string;
  readonly name: string;
  /** The name without the stage: the heading in the runbook. */
  readonly heading: string;
  readonly description: string;
  readonly operator: string;
  readonly threshold: number;
  readonly periods: number;
  readonly missingData: string;
  /** References to the topics that receive its messages. */
  readonly topics: readonly unknown[];
  readonly metrics: readonly AlarmMetric[];
  readonly expression: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface MetricProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: { readonly Name: string; readonly Value: unknown }[];
}
interface Query {
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: MetricProperties; readonly Stat: string; readonly Period: number };
}

/** Reads the alarms of an operations stack, each with all its metrics. */
export function readAlarms(operations: SynthesizedStack): TemplateAlarm[] {
  return operations.ofType('AWS::CloudWatch::Alarm').map(({ logicalId, Properties }) => {
    const name = Properties.AlarmName as string;
    const queries = (Properties.Metrics ?? []) as Query[];
    return {
      logicalId,
      name,
      heading: name.slice(name.indexOf('/') + 1).replace(/ \(.*\)$/, ''),
      description: Properties.AlarmDescription as string,
      operator: Properties.ComparisonOperator as string,
      threshold: Properties.Threshold as number,
      periods: Properties.EvaluationPeriods as number,
      missingData: Properties.TreatMissingData as string,
      topics: Properties.AlarmActions as unknown[],
      metrics: 'MetricName' in Properties ? [readSingleMetric(Properties)] : queries.flatMap(readQuery),
      expression: queries.find(({ Expression }) => Expression !== undefined)?.Expression,
      properties: Properties,
    };
  });
}

/** @throws {Error} if the stage has no such alarm */
export function findAlarm(operations: SynthesizedStack, heading: string): TemplateAlarm {
  const alarm = readAlarms(operations).find((candidate) => candidate.heading === heading);
  if (alarm === undefined) throw new Error(`no alarm ${heading}`);
  return alarm;
}

function readQuery({ MetricStat }: Query): AlarmMetric[] {
  return MetricStat === undefined ? [] : [readMetric(MetricStat.Metric, MetricStat.Stat, MetricStat.Period)];
}

function readSingleMetric(properties: Readonly<Record<string, unknown>>): AlarmMetric {
  const { Statistic, ExtendedStatistic, Period } = properties;
  return readMetric(
    properties as unknown as MetricProperties,
    String(Statistic ?? ExtendedStatistic),
    Number(Period),
  );
}

function readMetric(metric: MetricProperties, statistic: string, periodSeconds: number): AlarmMetric {
  const { Namespace: namespace, MetricName: name, Dimensions = [] } = metric;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  return { namespace, name, statistic, periodSeconds, dimensions };
}
