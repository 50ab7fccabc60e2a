import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SecretVersion } from './secret-versions.ts';

type Secrets = Record<string, { versions: SecretVersion[] }>;

/** The file with all secrets by their ARNs, which only its owner may read. */
export class SecretFile {
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
