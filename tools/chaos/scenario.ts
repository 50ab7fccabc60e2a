import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { ApiClient } from '../api-client.ts';
import type { CloudProcess } from '../cloud-process.ts';
import { findProblems } from './account.ts';
import { findCollectedCalls, findReceiptProblems, type SentCall, sendCall } from './calls.ts';
import { Choices } from './choices.ts';
import {
  announceAgain,
  connect,
  type Drop,
  dropFile,
  type PutDecision,
  putDecision,
  waitUntilCollected,
  waitUntilSettled,
} from './clients.ts';
import { findFileReceiptProblems } from './file-receipts.ts';
import { type MadeUpCall, makeCall } from './made-up-call.ts';
import { type ExpectedRow, type MadeUpFile, makeFile } from './made-up-file.ts';

/** Only a run that fails takes as long, or one on a busy machine. */
const SETTLE_TIMEOUT_MILLISECONDS = 600_000;
/** Calls that are sent at the same time. */
const CALLERS = 8;
/** Calls whose results are read by their receipts, one after the other. */
const MAX_RECEIPTS = 20;

const RETRACT = { kind: 'retract' } as const;

/** One external action. */
type Action =
  | { readonly kind: 'drop'; readonly key: string; readonly file: MadeUpFile; readonly isDeleted: boolean }
  /** Calls of the API, which are sent while the next actions happen. */
  | { readonly kind: 'calls'; readonly calls: readonly MadeUpCall[] }
  /** About an earlier file, which may not be loaded yet. */
  | {
      readonly kind: 'decide';
      readonly drop: number;
      readonly decision: Pick<PutDecision, 'kind' | 'lines'>;
    }
  /** Announces an earlier file again. */
  | { readonly kind: 'replay'; readonly drop: number }
  | { readonly kind: 'poison'; readonly body: string }
  | { readonly kind: 'kill' }
  | { readonly kind: 'wait'; readonly milliseconds: number };

/**
 * Chooses which files are uploaded and which calls are sent in the run of a seed, and when the local cloud is killed.
 * @param callCount number of calls @default random
 */
export function makeScenario(seed: number, callCount?: number) {
  const choices = new Choices(seed);
  const storeId = `s${seed}`;
  const actions: Action[] = [];
  const earlier: ExpectedRow[] = [];
  const hasKills = choices.chance(15);
  let callsLeft = callCount ?? choices.oneOf([0, 2, 10, 30]);
  for (let drops = choices.between(1, 5); drops > 0; drops--) {
    const calls = Array.from({ length: Math.ceil(callsLeft / drops) }, () => makeCall(choices, earlier));
    callsLeft -= calls.length;
    if (calls.length > 0) actions.push({ kind: 'calls', calls });
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
    actions.push(...decideSomething(choices, actions));
    if (choices.chance(10)) actions.push({ kind: 'poison', body: `{"store":"${storeId}","drop":${drops}}` });
    if (choices.chance(50)) actions.push({ kind: 'wait', milliseconds: choices.between(0, 300) });
    if (hasKills) actions.push({ kind: 'kill' });
  }
  return { storeId, actions };
}

/** Chooses decisions about files that were not deleted, and repeats. */
function decideSomething(choices: Choices, actions: readonly Action[]): Action[] {
  const files = actions.filter((action) => action.kind === 'drop');
  const kept = files.flatMap(({ isDeleted }, index) => (isDeleted ? [] : [index]));
  if (kept.length === 0) return [];
  const chosen: Action[] = [];
  if (choices.chance(25)) chosen.push({ kind: 'decide', drop: choices.oneOf(kept), decision: RETRACT });
  for (let restates = choices.oneOf([0, 0, 1, 2]); restates > 0; restates--) {
    const lines = choices.chance(50) ? undefined : [2, 3, 5, choices.between(2, 300)];
    chosen.push({ kind: 'decide', drop: choices.oneOf(kept), decision: { kind: 'restate', lines } });
  }
  if (choices.chance(25)) chosen.push({ kind: 'replay', drop: choices.oneOf(kept) });
  return chosen;
}

/**
 * Plays the scenario of a seed with the faults of that seed.
 * @returns the number of calls that were accepted, and a description of each problem
 */
export async function playScenario(
  cloud: CloudProcess,
  seed: number,
  callCount?: number,
): Promise<{ accepted: number; problems: string[] }> {
  const { storeId, actions } = makeScenario(seed, callCount);
  const choices = new Choices(seed);
  const drops: Drop[] = [];
  const decisions: PutDecision[] = [];
  const poisons: string[] = [];
  const sending: Promise<SentCall[]>[] = [];
  using api = new ApiClient(() => cloud.running);
  cloud.playFaults(seed);
  let clients = await connect(cloud.running);
  try {
    for (const action of actions) {
      switch (action.kind) {
        case 'drop':
          drops.push(await dropFile(clients, action.key, action.file, action.isDeleted));
          break;
        case 'decide':
          decisions.push(await putDecision(clients, action.decision, drops[action.drop]!));
          break;
        case 'replay':
          await announceAgain(clients, drops[action.drop]!);
          break;
        case 'calls': {
          const sent = sendCalls(api, storeId, action.calls);
          // Awaited at the end.
          sent.catch(() => undefined);
          sending.push(sent);
          break;
        }
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
    const sent = (await Promise.all(sending)).flat();
    const uncollected = await waitUntilCollected(clients, SETTLE_TIMEOUT_MILLISECONDS);
    const collected = await findCollectedCalls(clients, storeId, sent);
    const all = [...drops, ...collected.drops];
    const unfinished = await waitUntilSettled(clients, [...all, ...decisions], SETTLE_TIMEOUT_MILLISECONDS);
    const problems = [...uncollected, ...collected.problems, ...unfinished];
    if (problems.length === 0) {
      problems.push(...(await findProblems(clients, { storeId, drops: all, decisions, poisons })));
      problems.push(...(await findReceiptProblems(api, storeId, sent.slice(0, MAX_RECEIPTS))));
      problems.push(...(await findFileReceiptProblems(clients, storeId, SETTLE_TIMEOUT_MILLISECONDS)));
      problems.push(...cloud.denied.splice(0));
    }
    return { accepted: sent.length, problems };
  } finally {
    await clients.close();
  }
}

/** Sends calls until each is accepted, some at the same time. */
async function sendCalls(api: ApiClient, storeId: string, calls: readonly MadeUpCall[]): Promise<SentCall[]> {
  const sent: SentCall[] = [];
  const waiting = calls.values();
  const work = async () => {
    for (const call of waiting) sent.push(await sendCall(api, storeId, call));
  };
  await Promise.all(Array.from({ length: CALLERS }, work));
  return sent;
}
