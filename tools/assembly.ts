import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_PROJECT } from '../cli/local-project.ts';
import { synthesize } from '../local/assembly/synthesize.ts';

/** Small messages, so that small files have many batches, and short waits, so that lost events are found early. */
const SHORTER: Readonly<Record<string, number>> = {
  MAX_MESSAGE_BYTES: 20_000,
  LOST_AFTER_SECONDS: 1,
  STUCK_AFTER_SECONDS: 3,
};

/** Synthesizes the CDK app with its bundles. One store has policies, and any may upload. @param stage defaults to the one of cdk.json */
export async function synthesizeAssembly(assemblyDir: string, stage?: string): Promise<void> {
  const settings = {
    'retail:stores': 'main',
    'retail:unknownStores': 'accept',
    ...(stage !== undefined && { stage }),
  };
  await synthesize(LOCAL_PROJECT, assemblyDir, settings);
}

/** Edits a synthesized assembly so that messages are small and waits are short. */
export async function shortenAssembly(assemblyDir: string): Promise<void> {
  await editPipeline(assemblyDir, (text) =>
    text.replaceAll(/"(\w+)": "\d+"/g, (setting, name: string) =>
      name in SHORTER ? `"${name}": "${SHORTER[name]}"` : setting,
    ),
  );
}

/** Removes the event source mappings from a synthesized assembly, so that no function is called for a message. */
export async function removeEventSources(assemblyDir: string): Promise<void> {
  await editPipeline(assemblyDir, (text) => {
    const template = JSON.parse(text) as { Resources: Record<string, { readonly Type: string }> };
    for (const [id, { Type }] of Object.entries(template.Resources)) {
      if (Type === 'AWS::Lambda::EventSourceMapping') delete template.Resources[id];
    }
    return JSON.stringify(template, null, 1);
  });
}

async function editPipeline(assemblyDir: string, edit: (text: string) => string): Promise<void> {
  const file = join(assemblyDir, 'RetailPipeline.template.json');
  await writeFile(file, edit(await readFile(file, 'utf8')));
}
