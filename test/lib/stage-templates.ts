import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}
export interface StageTemplates {
  readonly data: Template;
  readonly pipeline: Template;
  readonly operations: Template;
  /** Warnings and the like, such as they stand behind `cdk synth`. */
  readonly messages: readonly string[];
}

/**
 * Synthesizes the stacks of a stage, with alarms, without bundling its functions.
 * @param settings as `-c` gives them, such as `{ stage: 'prod' }`
 */
export async function stageTemplates(settings: Readonly<Record<string, unknown>>): Promise<StageTemplates> {
  const cdkJson = await readFile(new URL('../../cdk.json', import.meta.url), 'utf8');
  const { context } = JSON.parse(cdkJson) as { context: Record<string, unknown> };
  const outdir = await mkdtemp(join(tmpdir(), 'retail-test-stage-'));
  try {
    const app = new App({
      outdir,
      context: { ...context, 'retail:monitoring': true, ...settings, 'aws:cdk:bundling-stacks': [] },
    });
    const { stacks } = buildApp(app).synth();
    const template = (id: string) => stacks.find((stack) => stack.id === id)!.template as Template;
    return {
      data: template('RetailData'),
      pipeline: template('RetailPipeline'),
      operations: template('RetailOperations'),
      messages: stacks.flatMap(({ messages }) => messages.map(({ entry }) => String(entry.data))),
    };
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

export function resourcesOf({ Resources }: Template, type: string): Record<string, unknown>[] {
  return Object.values(Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
}
