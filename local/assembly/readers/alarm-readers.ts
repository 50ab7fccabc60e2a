import { z } from 'zod';
import { arn } from '../physical-names.ts';
import type { Resource } from '../template.ts';

export type AlarmModel = ReturnType<typeof readAlarm>;
export type AlarmMetric = AlarmModel['metrics'][number];

/** An alarm looks back over at most seven days (CloudWatch API reference, "PutMetricAlarm"). */
const MAX_SECONDS = 604_800;

const DIMENSIONS = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]);
const QUERY = z.strictObject({
  Id: z.string().regex(/^[a-z]\w*$/),
  Label: z.string().optional(),
  ReturnData: z.boolean().default(true),
  Expression: z.string().optional(),
  Period: z.int().optional(),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions: DIMENSIONS }),
      Stat: z.string(),
      Period: z.int().min(60).multipleOf(60),
    })
    .optional(),
});
const ALARM = z.strictObject({
  AlarmName: z.string(),
  AlarmDescription: z.string().optional(),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
  ComparisonOperator: z.enum([
    'GreaterThanThreshold',
    'GreaterThanOrEqualToThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  Threshold: z.number(),
  EvaluationPeriods: z.int().min(1),
  DatapointsToAlarm: z.int().min(1).optional(),
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).default('missing'),
  WarmUpConfiguration: z
    .strictObject({
      WarmUpPeriodDurationInMinutes: z.int().min(1),
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: z.literal(true),
    })
    .optional(),
  Metrics: z.array(QUERY).min(1),
  Tags: z.unknown().optional(),
});

/** Reads an alarm on metrics or on an expression. @throws {Error} for a property or value that the local cloud does not evaluate */
export function readAlarm(resource: Resource) {
  const { logicalId, propertyNames } = resource;
  const properties = Object.fromEntries(propertyNames.map((name) => [name, resource.property(name)]));
  const { success, data, error } = ALARM.safeParse(properties);
  if (!success) {
    throw new Error(`the local cloud does not know this alarm, ${logicalId}: ${z.prettifyError(error)}`);
  }
  const metrics = data.Metrics.flatMap(({ Id, MetricStat }) => {
    if (MetricStat === undefined) return [];
    const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
    const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
    return [{ id: Id, namespace: Namespace, name: MetricName, dimensions, statistic: MetricStat.Stat }];
  });
  const periods = new Set(data.Metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? []));
  const [periodSeconds] = periods;
  const result = data.Metrics.filter(({ ReturnData }) => ReturnData);
  if (periodSeconds === undefined || periods.size > 1 || result.length !== 1) {
    throw new Error(`${logicalId}: an alarm has metrics of one period, and one result`);
  }
  const evaluationPeriods = data.EvaluationPeriods;
  const datapointsToAlarm = data.DatapointsToAlarm ?? evaluationPeriods;
  if (datapointsToAlarm > evaluationPeriods || evaluationPeriods * periodSeconds > MAX_SECONDS) {
    throw new Error(`${logicalId}: CloudWatch does not allow its numbers of periods and data points`);
  }
  return {
    name: data.AlarmName,
    arn: arn('cloudwatch', `alarm:${data.AlarmName}`),
    description: data.AlarmDescription,
    comparison: data.ComparisonOperator,
    threshold: data.Threshold,
    periodSeconds,
    evaluationPeriods,
    datapointsToAlarm,
    missingData: data.TreatMissingData,
    warmUpMinutes: data.WarmUpConfiguration?.WarmUpPeriodDurationInMinutes ?? 0,
    metrics,
    /** Expression of the result, or the id of its metric. */
    expression: result[0]!.Expression ?? result[0]!.Id,
    /** As in the template, for `DescribeAlarms`. */
    properties: data,
  };
}
