import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { account } from './account.ts';
import { Choices } from './choices.ts';
import { connect } from './clients.ts';
import type { CloudChild } from './cloud-child.ts';
import { type Drop, dropFile } from './drop.ts';
import { type Scenario, scenarioOf } from './scenario.ts';
import { settle } from './settle.ts';

const SETTLE_TIMEOUT_MILLISECONDS = 120_000;

/** Plays a seed's scenario under its faults. @returns what is wrong afterwards, in words */
export async function play(cloud: CloudChild, seed: number): Promise<string[]> {
  const scenario = scenarioOf(seed);
  cloud.play(seed);
  const drops = await takeSteps(cloud, seed, scenario);
  const clients = await connect(cloud.running);
  try {
    const open = await settle(clients, drops, SETTLE_TIMEOUT_MILLISECONDS);
    if (open.length > 0) return [...open, `at work, in seconds: ${JSON.stringify(await cloud.whatRuns())}`];
    const poisons = scenario.steps.flatMap((step) => (step.kind === 'poison' ? [step.body] : []));
    const wrongs = await account(clients, { storeId: scenario.storeId, drops, poisons });
    return [...wrongs, ...cloud.denied.splice(0)];
  } finally {
    await clients.close();
  }
}

async function takeSteps(cloud: CloudChild, seed: number, { steps }: Scenario): Promise<Drop[]> {
  const choices = new Choices(seed);
  const drops: Drop[] = [];
  let clients = await connect(cloud.running);
  for (const step of steps) {
    switch (step.kind) {
      case 'drop':
        drops.push(await dropFile(clients, step.key, step.file, step.isDeleted));
        break;
      case 'poison':
        await clients.sqs.send(
          new SendMessageCommand({ QueueUrl: clients.outputs.uploadQueueUrl, MessageBody: step.body }),
        );
        break;
      case 'wait':
        await sleep(step.milliseconds);
        break;
      case 'kill':
        await sleep(choices.between(0, 600));
        await clients.close();
        await cloud.kill();
        await cloud.start();
        cloud.play(seed);
        clients = await connect(cloud.running);
    }
  }
  await clients.close();
  return drops;
}
