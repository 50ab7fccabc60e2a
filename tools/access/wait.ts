import { setTimeout as sleep } from 'node:timers/promises';
import type { HeldGrant } from '../../local/iam/access-control.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { type Folder, isFunction } from './call-faults.ts';

const TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 500;

export async function waitUntilUsed(cloud: LocalCloud, action: string, folder: Folder): Promise<void> {
  const isUnused = (grant: HeldGrant) =>
    !grant.isUsed &&
    grant.action === action &&
    grant.holder.includes(':lambda:') &&
    isFunction(grant.holder, folder) &&
    !grant.resource.includes('deadletter');
  await waitWhile(() => cloud.access.grants().some(isUnused));
}

/** Waits until something has happened, at most until the timeout. @param act done before each wait */
export async function waitWhile(
  isMissing: () => boolean,
  act = async (): Promise<void> => {},
): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  while (isMissing() && Date.now() < deadline) {
    await act();
    await sleep(POLL_MILLISECONDS);
  }
}
