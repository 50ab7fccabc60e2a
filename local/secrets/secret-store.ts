import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { SecretModel } from '../assembly/readers/storage-readers.ts';
import { replaceFile } from '../data-directory.ts';
import { ServiceError } from '../gateway/service.ts';

/** A version of a secret, without a value until the rotation that made it sets one. */
interface SecretVersion {
  readonly id: string;
  stages: string[];
  value?: string;
}

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';
const PREVIOUS = 'AWSPREVIOUS';

export interface Secret {
  readonly username: string;
  readonly password: string;
}

export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly versions: SecretVersion[];
}

/**
 * The secrets of the template with all their versions, in a file that only its owner may read. Each is generated at
 * the first start.
 */
export class SecretStore {
  /** Called after a secret has changed. */
  onChange: () => void = () => undefined;
  #path: string;
  #secrets: Record<string, { versions: SecretVersion[] }>;
  #models: readonly SecretModel[];

  constructor(path: string, models: readonly SecretModel[]) {
    this.#path = path;
    this.#secrets = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
    this.#models = models;
    for (const { arn, template, passwordLength } of models) {
      const password = randomBytes(passwordLength).toString('base64url').slice(0, passwordLength);
      const value = JSON.stringify({ ...template, password });
      this.#secrets[arn] ??= { versions: [{ id: randomUUID(), value, stages: [CURRENT] }] };
    }
    this.save();
  }

  /** @param id the secret's ARN or its name */
  find(id: string): StoredSecret | undefined {
    const arn = Object.keys(this.#secrets).find((known) => known === id || readName(known) === id);
    return arn === undefined ? undefined : { arn, name: readName(arn), ...this.#secrets[arn]! };
  }

  list(): StoredSecret[] {
    return Object.keys(this.#secrets).flatMap((arn) => this.find(arn) ?? []);
  }

  /** Returns the current value of a secret. */
  current(id: string): Secret | undefined {
    const secret = this.find(id);
    return secret && (JSON.parse(findValue(secret.versions, {}).value) as Secret);
  }

  /** Returns the current secret of a database role. */
  ofUser(username: string): Secret {
    const model = this.#models.find(({ template }) => template.username === username);
    const found = model && this.current(model.arn);
    if (found === undefined) throw new Error(`the template has no secret for the database role ${username}`);
    return found;
  }

  /** Saves changes to versions of secrets. */
  save(): void {
    replaceFile(this.#path, this.#secrets);
    this.onChange();
  }
}

function readName(arn: string): string {
  return arn.split(':').at(-1)!;
}

/** Finds the version for GetSecretValue. @throws {ServiceError} if there is none */
export function findValue(
  versions: readonly SecretVersion[],
  { id, stage }: { id?: string | undefined; stage?: string | undefined },
): SecretVersion & { value: string } {
  const wantedStage = stage ?? (id === undefined ? CURRENT : undefined);
  const found = versions.find((version) =>
    id === undefined ? version.stages.includes(wantedStage!) : version.id === id,
  );
  if (found?.value === undefined) {
    const what = id === undefined ? `staging label: ${wantedStage}` : `VersionId: ${id}`;
    throw notFound(`secret value for ${what}`);
  }
  if (wantedStage !== undefined && !found.stages.includes(wantedStage)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return { ...found, value: found.value };
}

/** Gives a version its value, which cannot change, and its labels, as PutSecretValue does. */
export function putValue(
  versions: SecretVersion[],
  { id, value, stages }: { id: string; value: string; stages: readonly string[] },
): SecretVersion {
  const present = versions.find((version) => version.id === id);
  if (present?.value !== undefined && present.value !== value) {
    const reason = 'because that value is already in use for a version of the secret';
    throw new ServiceError('ResourceExistsException', `You can't use ClientRequestToken ${id} ${reason}.`);
  }
  const version = present ?? addVersion(versions, id);
  if (version.value === undefined) {
    version.value = value;
    for (const stage of stages) moveStage(versions, stage, version);
  }
  return version;
}

interface StageChange {
  readonly stage: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Moves a label as UpdateSecretVersionStage does: the caller must name the version that has it. */
export function changeStage(versions: SecretVersion[], { stage, from, to }: StageChange): void {
  const invalid = (message: string) => new ServiceError('InvalidParameterException', message);
  const holder = versions.find((version) => version.stages.includes(stage));
  const target = versions.find((version) => version.id === to);
  if (to !== undefined && target === undefined) throw notFound('secret version');
  if (from === undefined && holder !== undefined && holder !== target) {
    const state = `Staging label ${stage} is currently attached to version ${holder.id}`;
    throw invalid(
      `The parameter RemoveFromVersionId can't be empty. ${state}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (from !== undefined && from !== holder?.id) {
    const state = `Staging label ${stage} is not attached to version ${from}`;
    throw invalid(`The parameter RemoveFromVersionId is wrong. ${state}.`);
  }
  if (target === undefined && stage === CURRENT) {
    throw invalid(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  }
  moveStage(versions, stage, target);
}

/** Finds the version of a rotation that has not finished. */
export function unfinishedRotation(versions: readonly SecretVersion[]): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(PENDING) && !stages.includes(CURRENT));
}

/** Adds a version for RotateSecret; the rotation function sets its value. */
export function beginRotation(versions: SecretVersion[], id: string): void {
  moveStage(versions, PENDING, addVersion(versions, id));
}

function addVersion(versions: SecretVersion[], id: string): SecretVersion {
  const version: SecretVersion = { id, stages: [] };
  versions.push(version);
  return version;
}

function moveStage(versions: SecretVersion[], stage: string, to: SecretVersion | undefined): void {
  const holder = versions.find((version) => version.stages.includes(stage));
  if (holder === to) return;
  if (holder !== undefined) holder.stages = holder.stages.filter((label) => label !== stage);
  to?.stages.push(stage);
  if (stage === CURRENT && holder !== undefined) moveStage(versions, PREVIOUS, holder);
  // Secrets Manager may delete a version without labels at any time; this store does at once.
  versions.splice(0, versions.length, ...versions.filter(({ stages }) => stages.length > 0));
}

export function notFound(what: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Secrets Manager can't find the specified ${what}.`);
}

export function invalidRequest(message: string): ServiceError {
  return new ServiceError('InvalidRequestException', message);
}
