import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../lib/app.ts';

export interface Resource {
  readonly logicalId: string;
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
}

/** A stack as it would be deployed. */
export interface SynthesizedStack {
  readonly id: string;
  readonly stackName: string;
  readonly region: string;
  readonly terminationProtection: boolean;
  readonly template: object;
  readonly resources: readonly Resource[];
  /** The ids of the stacks that are deployed before it. */
  readonly dependencies: readonly string[];
  /** What the command line says about it. */
  readonly messages: readonly string[];
  ofType(type: string): readonly Resource[];
}

/**
 * The app with the settings of cdk.json and others, its functions not bundled, before it is synthesized.
 * @param settings as `-c` gives them, such as `{ stage: 'prod' }`
 * @param outdir the caller removes it
 */
export function newApp(settings: Readonly<Record<string, unknown>>, outdir: string): App {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: object;
  };
  return buildApp(new App({ outdir, context: { ...context, ...settings, 'aws:cdk:bundling-stacks': [] } }));
}

/** Every stack of the app. */
export function synthesizeApp(settings: Readonly<Record<string, unknown>>): SynthesizedStack[] {
  const outdir = mkdtempSync(join(tmpdir(), 'retail-test-app-'));
  try {
    const { stacks } = newApp(settings, outdir).synth();
    const ids = new Set(stacks.map(({ id }) => id));
    return stacks.map((artifact) => {
      const { Resources } = artifact.template as { Resources: Record<string, Omit<Resource, 'logicalId'>> };
      const resources = Object.entries(Resources).map(([logicalId, resource]) => ({
        logicalId,
        ...resource,
      }));
      return {
        id: artifact.id,
        stackName: artifact.stackName,
        region: artifact.environment.region,
        terminationProtection: artifact.terminationProtection ?? false,
        template: artifact.template as object,
        resources,
        dependencies: artifact.dependencies.map(({ id }) => id).filter((id) => ids.has(id)),
        messages: artifact.messages.map(({ entry }) => String(entry.data)),
        ofType: (type) => resources.filter((resource) => resource.Type === type),
      };
    });
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** One of its stacks. */
export function synthesizeStack(id: string, settings: Readonly<Record<string, unknown>>): SynthesizedStack {
  return synthesizeApp(settings).find((stack) => stack.id === id)!;
}

/** Its templates, by the ids of the stacks. */
export function templatesOf(stage: string, changes: Record<string, unknown> = {}): Map<string, Template> {
  const stacks = synthesizeApp({ stage, ...changes });
  return new Map(stacks.map(({ id, template }) => [id, Template.fromJSON(template)]));
}
