import { synthesizeApp } from './synthesized-app.ts';

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
 * Synthesizes the stacks of a stage, with alarms.
 * @param settings as `-c` gives them, such as `{ stage: 'prod' }`
 */
export async function stageTemplates(settings: Readonly<Record<string, unknown>>): Promise<StageTemplates> {
  const stacks = synthesizeApp({ 'retail:monitoring': true, ...settings });
  const template = (id: string) => stacks.find((stack) => stack.id === id)!.template as Template;
  return {
    data: template('RetailData'),
    pipeline: template('RetailPipeline'),
    operations: template('RetailOperations'),
    messages: stacks.flatMap(({ messages }) => messages),
  };
}

export function resourcesOf({ Resources }: Template, type: string): Record<string, unknown>[] {
  return Object.values(Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
}
