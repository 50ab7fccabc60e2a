import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SecretModel } from '../assembly/cloud-model.ts';
import { findValue, putValue, type SecretVersion } from './secret-versions.ts';

type Secrets = Record<string, { versions: SecretVersion[] }>;

/** The file with all secrets by their ARNs, which only its owner may read. */
class SecretFile {
  #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(): Secrets {
    if (!existsSync(this.#path)) return {};
    const entries = Object.entries(JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, object>);
    return Object.fromEntries(entries.map(([arn, secret]) => [arn, withVersions(secret)]));
  }

  /** Replaces the file in one step: without its passwords a database is lost. */
  write(secrets: Secrets): void {
    const draft = `${this.#path}.new`;
    writeFileSync(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
    renameSync(draft, this.#path);
  }
}

/** Converts a secret of a file from before secrets had versions. */
function withVersions(secret: object): { versions: SecretVersion[] } {
  if ('versions' in secret) return secret as { versions: SecretVersion[] };
  return { versions: [{ id: randomUUID(), stages: ['AWSCURRENT'], value: JSON.stringify(secret) }] };
}

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

/** The secrets of the template with all their versions. Each is generated at the first start. */
export class SecretStore {
  /** Called after a secret has changed. */
  onChange: () => void = () => undefined;
  #file: SecretFile;
  #secrets: ReturnType<SecretFile['read']>;
  #models: readonly SecretModel[];

  constructor(path: string, models: readonly SecretModel[]) {
    this.#file = new SecretFile(path);
    this.#secrets = this.#file.read();
    this.#models = models;
    for (const { arn, template, passwordLength } of models) {
      if (this.#secrets[arn] !== undefined) continue;
      const password = randomBytes(passwordLength).toString('base64url').slice(0, passwordLength);
      const value = JSON.stringify({ ...template, password });
      this.#secrets[arn] = { versions: [] };
      putValue(this.#secrets[arn].versions, { id: randomUUID(), value, stages: ['AWSCURRENT'] });
    }
    this.#file.write(this.#secrets);
  }

  /** @param id the secret's ARN or its name */
  find(id: string): StoredSecret | undefined {
    const arn = Object.keys(this.#secrets).find((known) => known === id || nameOf(known) === id);
    return arn === undefined ? undefined : { arn, name: nameOf(arn), ...this.#secrets[arn]! };
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
    this.#file.write(this.#secrets);
    this.onChange();
  }
}

function nameOf(arn: string): string {
  return arn.split(':').at(-1)!;
}
