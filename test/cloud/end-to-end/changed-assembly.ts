import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, inject } from 'vitest';

/**
 * The assembly with another text in the template of the pipeline, as it would be with another `lib/`.
 * @returns its folder, which is gone after the run
 */
export async function changedAssembly(
  changes: readonly (readonly [from: string | RegExp, to: string])[],
): Promise<string> {
  return assemblyWith((template) =>
    changes.reduce((text, [from, to]) => {
      const changed = text.replace(from, to);
      expect(changed, `the template has no ${from}`).not.toBe(text);
      return changed;
    }, template),
  );
}

/** The assembly with another template of the pipeline. @returns its folder, which is gone after the run */
export async function assemblyWith(change: (template: string) => string): Promise<string> {
  const dir = await mkdtemp(join(dirname(inject('assemblyDir')), 'changed-'));
  await cp(inject('assemblyDir'), dir, { recursive: true });
  const file = join(dir, 'RetailPipeline.template.json');
  await writeFile(file, change(await readFile(file, 'utf8')));
  return dir;
}
