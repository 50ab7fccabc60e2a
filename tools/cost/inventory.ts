import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { deadlinesOf } from '../../lambdas/core/deadlines.ts';
import { buildApp } from '../../lib/app.ts';
import { readSettings } from '../../lib/settings/read-settings.ts';
import { mapFunctions } from './consumption.ts';

/** Resources of a stage that have a fixed cost, and the settings that decide the other costs. */
export type Inventory = ReturnType<typeof readInventory>;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Counts the resources in the templates of the app. @throws {Error} if the settings of the stage are invalid */
export function readInventory(stage: string) {
  using outdir = mkdtempDisposableSync(join(tmpdir(), 'retail-cost-assembly-'));
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
  // Nothing is deployed from this assembly: the functions need no bundles.
  const app = new App({ outdir: outdir.path, context: { ...context, stage, 'aws:cdk:bundling-stacks': [] } });
  const settings = readSettings(app.node);
  const stacks = buildApp(app).synth().stacks;
  const resources = stacks.flatMap(({ template }) => Object.values(template.Resources ?? {}) as Resource[]);
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  return {
    settings,
    functionMemoryMiB: mapFunctions((name) => findMemory(resources, name)),
    /** Each has a metric. */
    storesWithDeadline: settings.stores.filter((store) => deadlinesOf(settings.deadlines, store).length > 0)
      .length,
    polledQueues: ofType('AWS::Lambda::EventSourceMapping').length,
    queuesWithKey: ofType('AWS::SQS::Queue').filter(({ Properties }) => Properties?.KmsMasterKeyId).length,
    keys: ofType('AWS::KMS::Key').length,
    secrets: ofType('AWS::SecretsManager::Secret').length,
    /** Number of metrics that alarms watch. An alarm is billed for each of its metrics. */
    alarmMetrics: ofType('AWS::CloudWatch::Alarm').reduce((sum, { Properties }) => {
      const metrics = (Properties?.Metrics ?? [{ MetricStat: {} }]) as { MetricStat?: object }[];
      return sum + metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
    }, 0),
    compositeAlarms: ofType('AWS::CloudWatch::CompositeAlarm').length,
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
  };
}

function findMemory(resources: readonly Resource[], folder: string): number {
  const found = resources.find(({ Properties }) => {
    const environment = Properties?.Environment as { Variables?: Record<string, unknown> } | undefined;
    return environment?.Variables?.POWERTOOLS_SERVICE_NAME === folder;
  });
  if (found === undefined) throw new Error(`the templates have no function ${folder}`);
  return Number(found.Properties!.MemorySize);
}
