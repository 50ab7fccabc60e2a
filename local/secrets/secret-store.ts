import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { SecretModel } from '../assembly/cloud-model.ts';

export interface Secret {
  readonly username: string;
  readonly password: string;
}

/** The secrets of the template, generated once and kept in a file that only its owner may read. */
export class SecretStore {
  #secrets: Record<string, Secret>;

  constructor(file: string, models: readonly SecretModel[]) {
    this.#secrets = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Secret>)
      : {};
    for (const { arn, template, passwordLength } of models) {
      this.#secrets[arn] ??= {
        ...template,
        username: template.username!,
        password: randomBytes(passwordLength).toString('base64url').slice(0, passwordLength),
      };
    }
    writeFileSync(file, JSON.stringify(this.#secrets, null, 2), { mode: 0o600 });
  }

  find(arn: string): Secret | undefined {
    return this.#secrets[arn];
  }

  /** The secret of the database role of this name. */
  ofUser(username: string): Secret {
    const found = Object.values(this.#secrets).find((secret) => secret.username === username);
    if (found === undefined) throw new Error(`the template has no secret for the database role ${username}`);
    return found;
  }
}
