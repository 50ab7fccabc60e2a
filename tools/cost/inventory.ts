import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app.ts';
import { readSettings, type Settings } from '../../lib/settings/read-settings.ts';

/** What a stage has that costs something by being there, and the settings that decide on the rest. */
export interface Inventory {
  readonly settings: Settings;
  readonly functionMemoryMiB: Readonly<Record<'parse' | 'load' | 'sweep' | 'verify', number>>;
  readonly polledQueues: number;
  readonly queuesWithKey: number;
  readonly keys: number;
  readonly secrets: number;
  /** Metrics that alarms look at; an alarm with more than one costs as often. */
  readonly alarmMetrics: number;
  readonly compositeAlarms: number;
  readonly dashboards: number;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Reads it from the templates of the app. @throws {Error} where the settings of the stage are wrong */
export function readInventory(stage: string): Inventory {
  const outdir = mkdtempSync(join(tmpdir(), 'retail-cost-assembly-'));
  try {
    const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
    // Nothing is deployed from it: the functions need no bundles.
    const app = new App({ outdir, context: { ...context, stage, 'aws:cdk:bundling-stacks': [] } });
    const settings = readSettings(app.node);
    const stacks = buildApp(app).synth().stacks;
    const resources = stacks.flatMap(({ template }) => Object.values(template.Resources ?? {}) as Resource[]);
    return count(settings, resources);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function count(settings: Settings, resources: readonly Resource[]): Inventory {
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const alarms = ofType('AWS::CloudWatch::Alarm');
  return {
    settings,
    functionMemoryMiB: {
      parse: settings.parserMemoryMiB,
      load: settings.consumerMemoryMiB,
      sweep: memoryOf(resources, 'sweep'),
      verify: memoryOf(resources, 'verify'),
    },
    polledQueues: ofType('AWS::Lambda::EventSourceMapping').length,
    queuesWithKey: ofType('AWS::SQS::Queue').filter(({ Properties }) => Properties?.KmsMasterKeyId).length,
    keys: ofType('AWS::KMS::Key').length,
    secrets: ofType('AWS::SecretsManager::Secret').length,
    alarmMetrics: alarms.reduce((sum, { Properties }) => {
      const metrics = (Properties?.Metrics ?? [{ MetricStat: {} }]) as { MetricStat?: object }[];
      return sum + metrics.filter(({ MetricStat }) => MetricStat !== undefined).length;
    }, 0),
    compositeAlarms: ofType('AWS::CloudWatch::CompositeAlarm').length,
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
  };
}

function memoryOf(resources: readonly Resource[], folder: string): number {
  const found = resources.find(({ Properties }) => {
    const environment = Properties?.Environment as { Variables?: Record<string, unknown> } | undefined;
    return environment?.Variables?.POWERTOOLS_SERVICE_NAME === folder;
  });
  if (found === undefined) throw new Error(`the templates have no function ${folder}`);
  return Number(found.Properties!.MemorySize);
}
