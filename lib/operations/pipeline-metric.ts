import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';
import { metricsNamespace } from './metrics-namespace.ts';

export interface PipelineMetricProps {
  /** As the function's `addMetric` names it. */
  readonly name: string;
  /** @default Sum */
  readonly statistic?: string;
  /** @default 5 minutes */
  readonly period?: Duration;
}

/** A metric that a function of ours writes into its log, in the embedded metric format. */
export function pipelineMetric(
  { stage }: Settings,
  { folder }: PipelineFunction,
  { name, statistic = 'Sum', period = Duration.minutes(5) }: PipelineMetricProps,
): Metric {
  return new Metric({
    namespace: metricsNamespace({ stage }),
    metricName: name,
    dimensionsMap: { service: folder },
    label: name,
    statistic,
    period,
  });
}
