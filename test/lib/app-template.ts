import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../lib/app.ts';

/** The stacks of a stage, with changed settings and without the bundles of functions. */
export function stacksOf(stage: string, changes: Record<string, unknown> = {}) {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [], stage, ...changes } });
  buildApp(app);
  return app.synth().stacks;
}

/** Their templates, by the ids of the stacks. */
export function templatesOf(stage: string, changes: Record<string, unknown> = {}): Map<string, Template> {
  return new Map(stacksOf(stage, changes).map(({ id, template }) => [id, Template.fromJSON(template)]));
}
