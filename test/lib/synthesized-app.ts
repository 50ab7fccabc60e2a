import { readFile, rm } from 'node:fs/promises';
import { App } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app.ts';

export interface Resource {
  readonly logicalId: string;
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DependsOn?: readonly string[];
}

/** A stack as it would be deployed. */
export interface SynthesizedStack {
  readonly resources: readonly Resource[];
  /** The stacks that are deployed before it. */
  readonly dependencies: readonly string[];
  /** What the command line says about it. */
  readonly messages: readonly string[];
  ofType(type: string): readonly Resource[];
}

/** A stack of the app with the settings of cdk.json and others, its functions not bundled. */
export async function synthesizeStack(
  id: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<SynthesizedStack> {
  const text = await readFile(new URL('../../cdk.json', import.meta.url), 'utf8');
  const { context } = JSON.parse(text) as { context: object };
  const app = new App({ context: { ...context, ...settings, 'aws:cdk:bundling-stacks': [] } });
  const assembly = buildApp(app).synth();
  const artifact = assembly.getStackArtifact(id);
  const template = artifact.template as { Resources: Record<string, Omit<Resource, 'logicalId'>> };
  const stacks = assembly.stacks.map((stack) => stack.id);
  await rm(assembly.directory, { recursive: true, force: true });
  const resources = Object.entries(template.Resources).map(([logicalId, resource]) => ({
    logicalId,
    ...resource,
  }));
  return {
    resources,
    dependencies: artifact.dependencies
      .map((dependency) => dependency.id)
      .filter((id) => stacks.includes(id)),
    messages: artifact.messages.map(({ entry }) => String(entry.data)),
    ofType: (type) => resources.filter((resource) => resource.Type === type),
  };
}
