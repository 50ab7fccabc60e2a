import { resourcesOf, type StageTemplates, type Template } from './stage-templates.ts';

export interface AlarmMetric {
  readonly namespace: string;
  readonly name: string;
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

export interface TemplateAlarm {
  readonly name: string;
  /** The name without the stage: the heading in the runbook. */
  readonly heading: string;
  readonly description: string;
  readonly threshold: number;
  readonly periods: number;
  readonly missingData: string;
  /** References to the topics that hear of it. */
  readonly topics: readonly unknown[];
  readonly metrics: readonly AlarmMetric[];
  readonly expression: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface StatisticOf {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: { readonly Name: string; readonly Value: unknown }[];
}
interface Query {
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: StatisticOf; readonly Stat: string; readonly Period: number };
}

/** The alarms of an operations stack, each with all the metrics that it reads. */
export function alarmsOf(operations: Template): TemplateAlarm[] {
  return resourcesOf(operations, 'AWS::CloudWatch::Alarm').map((properties) => {
    const name = properties.AlarmName as string;
    const queries = (properties.Metrics ?? []) as Query[];
    return {
      name,
      heading: name.slice(name.indexOf('/') + 1),
      description: properties.AlarmDescription as string,
      threshold: properties.Threshold as number,
      periods: properties.EvaluationPeriods as number,
      missingData: properties.TreatMissingData as string,
      topics: properties.AlarmActions as unknown[],
      metrics: queries.flatMap(({ MetricStat }) =>
        MetricStat === undefined ? [] : [metricOf(MetricStat.Metric, MetricStat.Stat, MetricStat.Period)],
      ),
      expression: queries.find(({ Expression }) => Expression !== undefined)?.Expression,
      properties,
    };
  });
}

/** @throws {Error} where the stage has no such alarm */
export function findAlarm({ operations }: StageTemplates, heading: string): TemplateAlarm {
  const alarm = alarmsOf(operations).find((candidate) => candidate.heading === heading);
  if (alarm === undefined) throw new Error(`no alarm ${heading}`);
  return alarm;
}

function metricOf(metric: StatisticOf, statistic: string, periodSeconds: number): AlarmMetric {
  const { Namespace: namespace, MetricName: name, Dimensions = [] } = metric;
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  return { namespace, name, statistic, periodSeconds, dimensions };
}
