import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Small messages, so that small files have many batches; short waits, so that a lost event is found soon. */
const SHORTER: Readonly<Record<string, number>> = {
  MAX_MESSAGE_BYTES: 20_000,
  LOST_AFTER_SECONDS: 1,
  STUCK_AFTER_SECONDS: 3,
};

/** Changes an assembly to one in which everything happens sooner. */
export async function shortenAssembly(assemblyDir: string): Promise<void> {
  const file = join(assemblyDir, 'RetailPipeline.template.json');
  let text = await readFile(file, 'utf8');
  for (const [name, value] of Object.entries(SHORTER)) {
    text = text.replaceAll(new RegExp(`"${name}": "\\d+"`, 'g'), `"${name}": "${value}"`);
  }
  await writeFile(file, text);
}
