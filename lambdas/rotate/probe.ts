import { setTimeout as sleep } from 'node:timers/promises';
import type { Query } from '../shared/data-api.ts';
import { isLoginRefused } from '../shared/errors.ts';
import type { Credentials, SecretVersions } from './secret-versions.ts';

/** Another rotation may use the probe at the same moment; each takes a fraction of a second. */
const TRIES = 8;
const PAUSE_MILLISECONDS = 500;

/**
 * Tries credentials that are not current. The Data API logs in with the current version of a secret and no other, so
 * there is a secret for nothing else but to hold what is tried.
 */
export class Probe {
  #secrets: SecretVersions;
  #secretArn: string;
  #query: Query;

  /** @param query runs a statement with what the probe's secret holds */
  constructor(secrets: SecretVersions, secretArn: string, query: Query) {
    this.#secrets = secrets;
    this.#secretArn = secretArn;
    this.#query = query;
  }

  /** Whether the database lets a role in with this password. */
  async logsIn(credentials: Credentials): Promise<boolean> {
    for (let tries = TRIES; ; tries--) {
      const user = await this.#login(credentials);
      if (user === credentials.username) return true;
      // Refused while the secret held ours, or was it another rotation's?
      if (user === undefined && (await this.#holds(credentials))) return false;
      if (tries === 0) throw new Error('other rotations use the probe all the time');
      await sleep(Math.random() * PAUSE_MILLISECONDS);
    }
  }

  /** Runs a statement with these credentials. @throws where the probe was taken, as what another role may not do */
  async run(credentials: Credentials, sql: string, parameters: Record<string, string>): Promise<void> {
    await this.#secrets.put(this.#secretArn, credentials);
    await this.#query(sql, parameters);
  }

  /** @returns as whom the database let us in; undefined where it did not */
  async #login(credentials: Credentials): Promise<string | undefined> {
    await this.#secrets.put(this.#secretArn, credentials);
    try {
      const [[user] = []] = await this.#query('SELECT CAST(current_user AS text)', {});
      return user;
    } catch (error) {
      if (isLoginRefused(error)) return undefined;
      throw error;
    }
  }

  async #holds({ username, password }: Credentials): Promise<boolean> {
    const held = await this.#secrets.read(this.#secretArn, 'AWSCURRENT');
    return held?.username === username && held.password === password;
  }
}
