import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SecretModel } from '../assembly/readers/storage-readers.ts';
import { findValue, type SecretVersion } from './secret-versions.ts';

export interface Secret {
  readonly username: string;
  readonly password: string;
}

/** A secret with its versions. */
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
      this.#secrets[arn] ??= { versions: [{ id: randomUUID(), value, stages: ['AWSCURRENT'] }] };
    }
    this.#write();
  }

  /** @param id the secret's ARN or its name */
  find(id: string): StoredSecret | undefined {
    const arn = Object.keys(this.#secrets).find((known) => known === id || readName(known) === id);
    return arn === undefined ? undefined : { arn, name: readName(arn), ...this.#secrets[arn]! };
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
    this.#write();
    this.onChange();
  }

  /** Replaces the file in one step: without its passwords a database is lost. */
  #write(): void {
    const draft = `${this.#path}.new`;
    writeFileSync(draft, JSON.stringify(this.#secrets, null, 2), { mode: 0o600 });
    renameSync(draft, this.#path);
  }
}

function readName(arn: string): string {
  return arn.split(':').at(-1)!;
}
