import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../lib/app.ts';

/** The stacks of a stage, by their ids, with changed settings and without the bundles of functions. */
export function templatesOf(stage: string, changes: Record<string, unknown> = {}): Map<string, Template> {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: Record<string, unknown>;
  };
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [], stage, ...changes } });
  buildApp(app);
  const stacks = app.synth().stacks;
  return new Map(stacks.map(({ id, template }) => [id, Template.fromJSON(template)]));
}
