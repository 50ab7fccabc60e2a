import { readFile } from 'node:fs/promises';

const CDK_FILE = new URL('../cdk.json', import.meta.url);

/** The stages that this copy of the project can deploy. */
export async function readKnownStages(): Promise<string[]> {
  const { context } = JSON.parse(await readFile(CDK_FILE, 'utf8')) as {
    context: { 'retail:stages': Record<string, unknown> };
  };
  return Object.keys(context['retail:stages']);
}
