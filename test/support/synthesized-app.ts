import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { inject } from 'vitest';
import { buildApp } from '../../lib/app.ts';

export interface Resource {
  readonly logicalId: string;
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
}

interface StackFacts {
  readonly id: string;
  readonly stackName: string;
  readonly region: string;
  readonly terminationProtection: boolean;
  readonly template: {
    readonly Resources: Readonly<Record<string, Omit<Resource, 'logicalId'>>>;
    readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
  };
  /** The ids of the stacks that are deployed before it. */
  readonly dependencies: readonly string[];
  /** Warnings and information that the CDK prints for it. */
  readonly messages: readonly string[];
}

/** A stack as it would be deployed. */
export interface SynthesizedStack extends StackFacts {
  readonly resources: readonly Resource[];
  ofType(type: string): readonly Resource[];
}

/**
 * The app with the settings of cdk.json and others, before it is synthesized. Its functions are not bundled.
 * @param settings as `-c` gives them, such as `{ stage: 'prod' }`
 * @param outdir the caller removes it
 */
export function newApp(settings: Readonly<Record<string, unknown>>, outdir: string): App {
  // The CDK's own validation takes seconds; test/cloud/lib/resource-specification.test.ts has it.
  process.env.CDK_VALIDATION ??= 'false';
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: object;
  };
  return buildApp(new App({ outdir, context: { ...context, ...settings, 'aws:cdk:bundling-stacks': [] } }));
}

const synthesized = new Map<string, readonly StackFacts[]>();

/** Returns every stack of the app. Each variant is synthesized once per test run. */
export function synthesizeApp(settings: Readonly<Record<string, unknown>>): SynthesizedStack[] {
  const key = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
  const facts = synthesized.get(key) ?? readCached(key) ?? synthesize(key, settings);
  synthesized.set(key, facts);
  return facts.map((stack) => {
    const resources = Object.entries(stack.template.Resources).map(([logicalId, resource]) => ({
      logicalId,
      ...resource,
    }));
    return { ...stack, resources, ofType: (type) => resources.filter(({ Type }) => Type === type) };
  });
}

/** Returns one stack of the app. */
export function synthesizeStack(id: string, settings: Readonly<Record<string, unknown>>): SynthesizedStack {
  return synthesizeApp(settings).find((stack) => stack.id === id)!;
}

/** Returns the templates of a stage, by the ids of the stacks. */
export function templatesOf(stage: string, changes: Record<string, unknown> = {}): Map<string, Template> {
  const stacks = synthesizeApp({ stage, ...changes });
  return new Map(stacks.map(({ id, template }) => [id, Template.fromJSON(structuredClone(template))]));
}

function readCached(key: string): readonly StackFacts[] | undefined {
  const file = cacheFile(key);
  return file === undefined || !existsSync(file) ? undefined : JSON.parse(readFileSync(file, 'utf8'));
}

function synthesize(key: string, settings: Readonly<Record<string, unknown>>): readonly StackFacts[] {
  const outdir = mkdtempSync(join(tmpdir(), 'retail-test-app-'));
  try {
    const { stacks } = newApp(settings, outdir).synth();
    const ids = new Set(stacks.map(({ id }) => id));
    const facts = stacks.map((artifact) => ({
      id: artifact.id,
      stackName: artifact.stackName,
      region: artifact.environment.region,
      terminationProtection: artifact.terminationProtection ?? false,
      template: artifact.template as StackFacts['template'],
      dependencies: artifact.dependencies.map(({ id }) => id).filter((id) => ids.has(id)),
      messages: artifact.messages.map(({ entry }) => String(entry.data)),
    }));
    const file = cacheFile(key);
    if (file !== undefined) {
      // Another worker may write the same variant at the same time.
      writeFileSync(`${file}.${process.pid}`, JSON.stringify(facts));
      renameSync(`${file}.${process.pid}`, file);
    }
    return facts;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** @returns undefined for a project without a global setup */
function cacheFile(key: string): string | undefined {
  const assemblyDir = inject('assemblyDir') as string | undefined;
  return assemblyDir === undefined ? undefined : join(dirname(assemblyDir), `app-${key}.json`);
}
