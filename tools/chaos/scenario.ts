import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import type { CloudProcess } from '../cloud-process.ts';
import { findProblems } from './account.ts';
import { Choices } from './choices.ts';
import { connect, type Drop, dropFile, waitUntilSettled } from './clients.ts';
import { type ExpectedRow, type MadeUpFile, makeFile } from './made-up-file.ts';

const SETTLE_TIMEOUT_MILLISECONDS = 120_000;

/** One external action. */
type Action =
  | { readonly kind: 'drop'; readonly key: string; readonly file: MadeUpFile; readonly isDeleted: boolean }
  | { readonly kind: 'poison'; readonly body: string }
  | { readonly kind: 'kill' }
  | { readonly kind: 'wait'; readonly milliseconds: number };

/** Chooses which files are uploaded in the run of a seed, and when the local cloud is killed. */
export function makeScenario(seed: number) {
  const choices = new Choices(seed);
  const storeId = `s${seed}`;
  const actions: Action[] = [];
  const earlier: ExpectedRow[] = [];
  const hasKills = choices.chance(15);
  for (let drops = choices.between(1, 5); drops > 0; drops--) {
    const file = makeFile(choices, earlier);
    earlier.push(...[...file.rows.values()].slice(0, 100));
    const key = buildUploadKey({ storeId, fileName: file.name });
    const drop = { kind: 'drop', key, file, isDeleted: choices.chance(8) } as const;
    actions.push(drop);
    // The same file twice at the same time: as another version of its key, or with another key.
    if (choices.chance(20)) actions.push({ ...drop, isDeleted: false });
    if (choices.chance(20)) {
      actions.push({ ...drop, key: key.replace('.csv', '_again.csv'), isDeleted: false });
    }
    if (choices.chance(10)) actions.push({ kind: 'poison', body: `{"store":"${storeId}","drop":${drops}}` });
    if (choices.chance(50)) actions.push({ kind: 'wait', milliseconds: choices.between(0, 300) });
    if (hasKills) actions.push({ kind: 'kill' });
  }
  return { storeId, actions };
}

/** Plays the scenario of a seed with the faults of that seed. @returns a description of each problem */
export async function playScenario(cloud: CloudProcess, seed: number): Promise<string[]> {
  const { storeId, actions } = makeScenario(seed);
  const choices = new Choices(seed);
  const drops: Drop[] = [];
  const poisons: string[] = [];
  cloud.playFaults(seed);
  let clients = await connect(cloud.running);
  try {
    for (const action of actions) {
      switch (action.kind) {
        case 'drop':
          drops.push(await dropFile(clients, action.key, action.file, action.isDeleted));
          break;
        case 'poison': {
          const QueueUrl = clients.outputs.uploadQueueUrl;
          await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: action.body }));
          poisons.push(action.body);
          break;
        }
        case 'wait':
          await sleep(action.milliseconds);
          break;
        case 'kill':
          await sleep(choices.between(0, 600));
          await clients.close();
          await cloud.killAndRestart();
          cloud.playFaults(seed);
          clients = await connect(cloud.running);
      }
    }
    const unfinished = await waitUntilSettled(clients, drops, SETTLE_TIMEOUT_MILLISECONDS);
    if (unfinished.length > 0) return unfinished;
    const problems = await findProblems(clients, { storeId, drops, poisons });
    return [...problems, ...cloud.denied.splice(0)];
  } finally {
    await clients.close();
  }
}
