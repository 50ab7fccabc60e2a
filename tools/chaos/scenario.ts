import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { Choices } from './choices.ts';
import { type ExpectedRow, type MadeUpFile, makeFile } from './made-up-file.ts';

/** Something that happens from the outside. */
export type Step =
  | { readonly kind: 'drop'; readonly key: string; readonly file: MadeUpFile; readonly isDeleted: boolean }
  | { readonly kind: 'poison'; readonly body: string }
  | { readonly kind: 'kill' }
  | { readonly kind: 'wait'; readonly milliseconds: number };

export interface Scenario {
  readonly storeId: string;
  readonly steps: readonly Step[];
}

/** What is dropped in the run of a seed, and when the whole local cloud is killed. */
export function scenarioOf(seed: number): Scenario {
  const choices = new Choices(seed);
  const storeId = `s${seed}`;
  const steps: Step[] = [];
  const earlier: ExpectedRow[] = [];
  const hasKills = choices.chance(15);
  for (let drops = choices.between(1, 5); drops > 0; drops--) {
    const file = makeFile(choices, earlier);
    earlier.push(...[...file.rows.values()].slice(0, 100));
    const key = buildUploadKey({ storeId, fileName: file.name });
    const drop = { kind: 'drop', key, file, isDeleted: choices.chance(8) } as const;
    steps.push(drop);
    // The same file twice at once: as another version of its key, or under another one.
    if (choices.chance(20)) steps.push({ ...drop, isDeleted: false });
    if (choices.chance(20)) steps.push({ ...drop, key: key.replace('.csv', '_again.csv'), isDeleted: false });
    if (choices.chance(10)) steps.push({ kind: 'poison', body: `{"store":"${storeId}","drop":${drops}}` });
    if (choices.chance(50)) steps.push({ kind: 'wait', milliseconds: choices.between(0, 300) });
    if (hasKills) steps.push({ kind: 'kill' });
  }
  return { storeId, steps };
}
