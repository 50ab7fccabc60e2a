import { explainError } from './aws/explain-error.ts';
import type { CloudAccess } from './cloud-client.ts';
import { CloudClient } from './cloud-client.ts';
import { openLocal } from './local-access.ts';
import type { CloudOptions } from './options.ts';
import { findRegion, openStage, readKnownStages, type StageOptions } from './stage-access.ts';

/**
 * Runs some work on a deployed stage, or without --stage on the local cloud of a data directory: the running one, or
 * one that is started for the duration of the work.
 */
export async function withCloud<Result>(
  { stage, profile, region, dataDir }: CloudOptions,
  work: (client: CloudClient) => Promise<Result>,
): Promise<Result> {
  return stage === undefined ? onLocalCloud(dataDir, work) : onStage({ stage, profile, region }, work);
}

async function onStage<Result>(
  options: StageOptions,
  work: (client: CloudClient) => Promise<Result>,
): Promise<Result> {
  let access: CloudAccess | undefined;
  let client: CloudClient | undefined;
  try {
    access = await openStage(options);
    client = new CloudClient(access);
    return await work(client);
  } catch (error) {
    throw explainError(error, {
      ...options,
      region: await findRegion(options),
      knownStages: await readKnownStages(),
      operatorPolicyArn: access?.outputs.operatorPolicyArn,
    });
  } finally {
    client?.close();
  }
}

async function onLocalCloud<Result>(
  dataDir: string,
  work: (client: CloudClient) => Promise<Result>,
): Promise<Result> {
  const { access, stop } = await openLocal(dataDir);
  const client = new CloudClient(access);
  const onInterrupt = () => void stop().finally(() => process.exit(130));
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    return await work(client);
  } finally {
    client.close();
    await stop();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}
