import type { Query } from '../shared/data-api.ts';
import { isLoginRefused, TransientError } from '../shared/errors.ts';
import { retry } from '../shared/retry.ts';
import type { Credentials, SecretVersions } from './secret-versions.ts';

/**
 * Time to wait while other rotations use the probe, each for a fraction of a second, or while the Data API still uses an
 * earlier value of it: its reference does not say whether it reads the secret for each call.
 */
const WAIT_MILLISECONDS = 60_000;
/** The pauses grow: each try writes a version of the probe's secret, which has at most 100 of a day (its quotas). */
const FIRST_PAUSE_MILLISECONDS = 500;
const MAX_PAUSE_MILLISECONDS = 10_000;
/** Value of the probe's secret between two uses: no role has this name. */
const NO_CREDENTIALS: Credentials = { username: 'retail_probe', password: 'none' };

/**
 * Logs in with credentials that are not current. The Data API uses only the current version of a secret, so a separate
 * secret, the probe, holds the credentials under test.
 */
export class Probe {
  #secrets: SecretVersions;
  #secretArn: string;
  #query: Query;

  /** @param query runs a statement with the credentials of the probe's secret */
  constructor(secrets: SecretVersions, secretArn: string, query: Query) {
    this.#secrets = secrets;
    this.#secretArn = secretArn;
    this.#query = query;
  }

  /**
   * Tells whether the database accepts these credentials, and clears the probe.
   * @throws {TransientError} if other rotations use the probe all the time
   */
  async logsIn(credentials: Credentials): Promise<boolean> {
    const tryOnce = async () => {
      const user = await this.#logIn(credentials);
      if (user === credentials.username) return true;
      // The refusal counts only if the probe held these credentials and not those of another rotation.
      if (user === undefined && (await this.#holds(credentials))) return false;
      throw new TransientError('other rotations use the probe all the time');
    };
    const deadline = Date.now() + WAIT_MILLISECONDS;
    try {
      return await retry(tryOnce, {
        shouldRetry: (error) => error instanceof TransientError,
        delay: (attempt) =>
          Math.random() * Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** attempt, MAX_PAUSE_MILLISECONDS),
        deadline: () => deadline,
      });
    } finally {
      await this.#clear(credentials);
    }
  }

  /**
   * Runs a statement with these credentials, and clears the probe.
   * @throws if another rotation took the probe and its role may not do that
   */
  async run(credentials: Credentials, sql: string, parameters: Record<string, string>): Promise<void> {
    try {
      await this.#secrets.put(this.#secretArn, credentials);
      await this.#query(sql, parameters);
    } finally {
      await this.#clear(credentials);
    }
  }

  /**
   * Removes these credentials from the current and, by a second value, from the previous version. A function that dies
   * before leaves them: the next use of the probe removes them. Credentials of another rotation stay, which removes them.
   */
  async #clear(credentials: Credentials): Promise<void> {
    if (!(await this.#holds(credentials))) return;
    await this.#secrets.put(this.#secretArn, NO_CREDENTIALS);
    await this.#secrets.put(this.#secretArn, NO_CREDENTIALS);
  }

  async #holds({ username, password }: Credentials): Promise<boolean> {
    const held = await this.#secrets.read(this.#secretArn, { VersionStage: 'AWSCURRENT' });
    return held?.username === username && held.password === password;
  }

  /** @returns the role that logged in; undefined if the database refused the login */
  async #logIn(credentials: Credentials): Promise<string | undefined> {
    await this.#secrets.put(this.#secretArn, credentials);
    try {
      const [[user] = []] = await this.#query('SELECT CAST(current_user AS text)', {});
      return user;
    } catch (error) {
      if (isLoginRefused(error)) return undefined;
      throw error;
    }
  }
}
