import { randomBytes } from 'node:crypto';
import type { Query } from '../shared/data-api.ts';
import { isLoginRefused } from '../shared/errors.ts';
import type { Probe } from './probe.ts';
import type { Credentials, SecretVersions } from './secret-versions.ts';

/** Letters, digits, "-" and "_" alone: no URL, shell or connection string needs them escaped. */
const PASSWORD_BYTES = 24;
const SET_PASSWORD = 'SELECT ledger.set_password(:username, :password)';

/** What Secrets Manager calls with (user guide, "Lambda rotation functions"). */
export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  /** The version that is to become current. */
  readonly ClientRequestToken: string;
}

export interface RotatorResources {
  readonly secrets: SecretVersions;
  readonly migratorSecretArn: string;
  /** Runs a statement as the migrator, who may give each role its password. */
  readonly asMigrator: Query;
  readonly probe: Probe;
}

/** Everything that a step needs. */
interface Work extends RotatorResources {
  readonly secretId: string;
  readonly version: string;
  readonly isMigrator: boolean;
  readonly currentVersion: string | undefined;
}

const STEPS: Readonly<Record<string, (work: Work) => Promise<void>>> = {
  createSecret,
  setSecret,
  testSecret,
  finishSecret,
};

/**
 * Carries out one step of a rotation; each may come again, at any time, and changes nothing then.
 * @throws {Error} where the version is not one that is being rotated
 */
export async function rotate(event: RotationEvent, resources: RotatorResources): Promise<void> {
  const { Step, SecretId: secretId, ClientRequestToken: version } = event;
  const step = STEPS[Step];
  if (step === undefined) throw new Error(`a rotation has no step ${Step}`);
  const stages = await resources.secrets.stagesOf(secretId);
  const labels = stages[version] ?? [];
  const isCurrent = labels.includes('AWSCURRENT');
  if (!isCurrent && !labels.includes('AWSPENDING')) {
    throw new Error(`version ${version} of ${secretId} is not AWSPENDING: it is not being rotated`);
  }
  if (isCurrent && step !== finishSecret) return;
  const [currentVersion] = Object.entries(stages).find(([, all]) => all.includes('AWSCURRENT')) ?? [];
  const isMigrator = secretId === resources.migratorSecretArn;
  await step({ ...resources, secretId, version, isMigrator, currentVersion });
}

async function createSecret({ secrets, secretId, version }: Work): Promise<void> {
  if ((await secrets.read(secretId, 'AWSPENDING', version)) !== undefined) return;
  const current = await readCurrent({ secrets, secretId });
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  await secrets.putPending(secretId, version, { ...current, password });
}

async function setSecret(work: Work): Promise<void> {
  const pending = await readPending(work);
  const current = await readCurrent(work);
  // Whoever may write one role's secret must not get at another role with it.
  if (pending.username !== current.username) {
    const names = `${pending.username}, and not for ${current.username}`;
    throw new Error(`the pending version of ${work.secretId} is for ${names}: take it away`);
  }
  if (work.isMigrator) await changeOwnPassword(work, pending);
  else await work.asMigrator(SET_PASSWORD, parametersOf(pending));
}

/**
 * The migrator's password changes under its own feet: where an earlier try took effect and nobody heard of it, the
 * current one is refused, and the pending one is right.
 */
async function changeOwnPassword(work: Work, pending: Credentials): Promise<void> {
  const { asMigrator, probe, secrets, secretId } = work;
  if (await probe.logsIn(pending)) return;
  try {
    await asMigrator(SET_PASSWORD, parametersOf(pending));
  } catch (error) {
    // Somebody has put the database back to where it was before the last rotation.
    const previous = isLoginRefused(error) ? await secrets.read(secretId, 'AWSPREVIOUS') : undefined;
    if (previous === undefined) throw error;
    await probe.run(previous, SET_PASSWORD, parametersOf(pending));
  }
}

async function testSecret(work: Work): Promise<void> {
  const { secrets, secretId, version, probe } = work;
  // To try a new schedule out, Secrets Manager calls this step alone, and the pending version may have no value.
  const tested = (await secrets.read(secretId, 'AWSPENDING', version)) ?? (await readCurrent(work));
  if (!(await probe.logsIn(tested))) {
    throw new Error(`the database refuses the new password of ${tested.username}`);
  }
}

async function finishSecret(work: Work): Promise<void> {
  const { secrets, secretId, version, currentVersion, isMigrator, asMigrator } = work;
  if (currentVersion !== version) await secrets.makeCurrent(secretId, version, currentVersion);
  // A deployment gives roles the passwords of their secrets too, and might have read the former one just before.
  // By its id: a read of the label may still give the one before.
  const finished = await secrets.read(secretId, undefined, version);
  if (finished === undefined) throw new Error(`version ${version} of ${secretId} has no value`);
  if (!isMigrator) await asMigrator(SET_PASSWORD, parametersOf(finished));
}

async function readPending({ secrets, secretId, version }: Work): Promise<Credentials> {
  const pending = await secrets.read(secretId, 'AWSPENDING', version);
  if (pending === undefined) throw new Error(`version ${version} of ${secretId} has no value yet`);
  return pending;
}

async function readCurrent({ secrets, secretId }: Pick<Work, 'secrets' | 'secretId'>): Promise<Credentials> {
  const current = await secrets.read(secretId, 'AWSCURRENT');
  if (current === undefined) throw new Error(`${secretId} has no current version`);
  return current;
}

function parametersOf({ username, password }: Credentials): Record<string, string> {
  return { username, password };
}
