import { randomBytes } from 'node:crypto';
import type { Query } from '../shared/data-api.ts';
import { isLoginRefused } from '../shared/errors.ts';
import type { Probe } from './probe.ts';
import type { Credentials, SecretVersions, VersionSelector } from './secret-versions.ts';

/** Length of a password. It has only letters, digits, "-" and "_", which need no escapes in URLs and shells. */
const PASSWORD_BYTES = 24;
const SET_PASSWORD = 'SELECT ledger.set_password(:username, :password)';

/** Event of Secrets Manager (user guide, "Lambda rotation functions"). */
export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  /** Id of the version that becomes current at the end. */
  readonly ClientRequestToken: string;
}

export interface RotatorResources {
  readonly secrets: SecretVersions;
  readonly migratorSecretArn: string;
  /** The user name of each rotated secret, by the ARN of the secret. */
  readonly userNames: ReadonlyMap<string, string>;
  readonly asMigrator: Query;
  readonly probe: Probe;
}

interface Work extends RotatorResources {
  readonly secretId: string;
  readonly version: string;
  readonly currentVersion: string | undefined;
}

const STEPS: Readonly<Record<string, (work: Work) => Promise<void>>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
};

/**
 * Carries out one step of a rotation. Every step may be repeated at any time, without an effect.
 * @throws {Error} if the version is not being rotated
 */
export async function rotate(event: RotationEvent, resources: RotatorResources): Promise<void> {
  const { Step, SecretId: secretId, ClientRequestToken: version } = event;
  const step = STEPS[Step];
  if (step === undefined) throw new Error(`a rotation has no step ${Step}`);
  const labelsByVersion = await resources.secrets.readLabels(secretId);
  const labels = labelsByVersion[version] ?? [];
  const isCurrent = labels.includes('AWSCURRENT');
  if (!isCurrent && !labels.includes('AWSPENDING')) {
    throw new Error(`version ${version} of ${secretId} is not AWSPENDING: it is not being rotated`);
  }
  if (isCurrent && step !== finishSecret) return;
  const [currentVersion] =
    Object.entries(labelsByVersion).find(([, all]) => all.includes('AWSCURRENT')) ?? [];
  await step({ ...resources, secretId, version, currentVersion });
}

async function createSecret(work: Work): Promise<void> {
  if ((await readPending(work)) !== undefined) return;
  const current = await readCurrent(work);
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  await work.secrets.put(work.secretId, { ...current, password }, work.version);
}

async function setSecret(work: Work): Promise<void> {
  const pending = await readPending(work);
  if (pending === undefined) throw new Error(`version ${work.version} of ${work.secretId} has no value yet`);
  if (work.secretId === work.migratorSecretArn) await changeOwnPassword(work, pending);
  else await work.asMigrator(SET_PASSWORD, toParameters(pending));
}

/**
 * Changes the migrator's own password. If an earlier try took effect but its response was lost, the database already
 * has the pending password and refuses the current one.
 */
async function changeOwnPassword(work: Work, pending: Credentials): Promise<void> {
  const { asMigrator, probe } = work;
  if (await probe.logsIn(pending)) return;
  try {
    await asMigrator(SET_PASSWORD, toParameters(pending));
  } catch (error) {
    // A restored database has the password from before the last rotation.
    if (!isLoginRefused(error)) throw error;
    const previous = await readVersion(work, { VersionStage: 'AWSPREVIOUS' });
    if (previous === undefined) throw error;
    await probe.run(previous, SET_PASSWORD, toParameters(pending));
  }
}

async function testSecret(work: Work): Promise<void> {
  // To test a new schedule, Secrets Manager calls only this step, and the pending version may have no value.
  const tested = (await readPending(work)) ?? (await readCurrent(work));
  if (!(await work.probe.logsIn(tested))) {
    throw new Error(`the database refuses the new password of ${tested.username}`);
  }
}

async function finishSecret(work: Work): Promise<void> {
  const { secrets, secretId, version, currentVersion } = work;
  if (currentVersion !== version) await secrets.makeCurrent(secretId, version, currentVersion);
  // A deployment also sets the passwords of roles, and may have just set the previous one again.
  // The version is read by its id, because the label may still return the previous version.
  const finished = await readVersion(work, { VersionId: version });
  if (finished === undefined) throw new Error(`version ${version} of ${secretId} has no value`);
  if (secretId !== work.migratorSecretArn) await work.asMigrator(SET_PASSWORD, toParameters(finished));
}

/** @returns undefined if the version has no value yet */
function readPending(work: Work): Promise<Credentials | undefined> {
  return readVersion(work, { VersionStage: 'AWSPENDING', VersionId: work.version });
}

async function readCurrent(work: Work): Promise<Credentials> {
  const current = await readVersion(work, { VersionStage: 'AWSCURRENT' });
  if (current === undefined) throw new Error(`${work.secretId} has no current version`);
  return current;
}

/** @throws {Error} if the version is for another role: permission to write the secret of one role must not give access to another */
async function readVersion(
  { secrets, secretId, userNames }: Work,
  version: VersionSelector,
): Promise<Credentials | undefined> {
  const found = await secrets.read(secretId, version);
  const expected = userNames.get(secretId);
  if (found !== undefined && found.username !== expected) {
    const { VersionStage: name = version.VersionId } = version;
    throw new Error(
      `the version ${name} of ${secretId} is for ${found.username} instead of ${expected}: delete that version`,
    );
  }
  return found;
}

function toParameters({ username, password }: Credentials): Record<string, string> {
  return { username, password };
}
