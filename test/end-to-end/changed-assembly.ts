import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { temporaryDir } from '../local/temporary-dir.ts';

const parent = temporaryDir();

/**
 * The assembly with another text in the template of the pipeline, as it would be with another `lib/`.
 * @returns its folder, which is gone after the tests of the file
 */
export async function changedAssembly(
  changes: readonly (readonly [from: string | RegExp, to: string])[],
): Promise<string> {
  const dir = await mkdtemp(join(parent, 'assembly-'));
  await cp(inject('assemblyDir'), dir, { recursive: true });
  const file = join(dir, 'RetailPipeline.template.json');
  let text = await readFile(file, 'utf8');
  for (const [from, to] of changes) {
    const changed = text.replace(from, to);
    expect(changed, `the template has no ${from}`).not.toBe(text);
    text = changed;
  }
  await writeFile(file, text);
  return dir;
}
