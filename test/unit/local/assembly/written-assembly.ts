import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface StackTemplate {
  readonly Resources: Record<string, { Type: string; Properties?: object; Metadata?: object }>;
  readonly Outputs?: Record<string, { Value: unknown }>;
}

/** Writes stacks as `cdk synth` does. @returns the folder of the assembly */
export async function writeAssembly(parent: string, stacks: Record<string, StackTemplate>): Promise<string> {
  const dir = await mkdtemp(join(parent, 'assembly-'));
  const artifacts: Record<string, object> = { Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } } };
  for (const [stackName, template] of Object.entries(stacks)) {
    const templateFile = `${stackName}.template.json`;
    artifacts[stackName] = { type: 'aws:cloudformation:stack', properties: { templateFile, stackName } };
    await writeFile(join(dir, templateFile), JSON.stringify(template));
  }
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ artifacts }));
  return dir;
}
