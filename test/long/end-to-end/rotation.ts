import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { localAccess } from '../../../cli/local-access.ts';
import type { AccountedCloud } from '../../support/accounted-cloud.ts';

const TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 20;

/** The roles whose secrets are rotated. */
export const ROLES = [
  'retail_migrator',
  'retail_loader',
  'retail_operator',
  'retail_analyst',
  'retail_sweeper',
  'retail_quicksight',
  'retail_api',
  'retail_notifier',
] as const;

interface Version {
  readonly id: string;
  readonly stages: readonly string[];
  readonly value?: string;
}

/** Rotates the secrets of a cloud as an operator does, with the API of Secrets Manager. */
export class Rotator {
  readonly client: SecretsManagerClient;
  #cloud: AccountedCloud;

  constructor(cloud: AccountedCloud) {
    this.#cloud = cloud;
    this.client = new SecretsManagerClient({
      ...localAccess(cloud.cloud.running).connection,
      maxAttempts: 1,
    });
  }

  /** The secret of a role: its ARN, and the password of this moment. */
  async secretOf(role: string): Promise<{ arn: string; password: string }> {
    const text = await readFile(join(this.#cloud.dataDir, 'secrets.json'), 'utf8');
    for (const [arn, { versions }] of Object.entries(
      JSON.parse(text) as Record<string, { versions: Version[] }>,
    )) {
      const { value = '{}' } = versions.find(({ stages }) => stages.includes('AWSCURRENT'))!;
      const secret = JSON.parse(value) as { username: string; password: string };
      if (secret.username === role) return { arn, password: secret.password };
    }
    throw new Error(`there is no secret of ${role}`);
  }

  /** Rotates the secret of a role once. @throws where its function failed */
  async rotate(role: string): Promise<void> {
    const { arn } = await this.secretOf(role);
    const failures = this.#cloud.problems.length;
    const pending = await this.#begin(arn);
    const deadline = Date.now() + TIMEOUT_MILLISECONDS;
    for (;;) {
      const { VersionIdsToStages = {} } = await this.client.send(
        new DescribeSecretCommand({ SecretId: arn }),
      );
      const stages = Object.entries(VersionIdsToStages).find(([, all]) => all.includes('AWSPENDING'));
      if (stages?.[1].includes('AWSCURRENT') && (pending ?? stages[0]) === stages[0]) return;
      const failure = this.#cloud.problems[failures];
      if (failure !== undefined) throw failure;
      if (Date.now() > deadline) throw new Error(`the rotation of ${role} does not end`);
      await sleep(POLL_MILLISECONDS);
    }
  }

  /** @returns the version that is to become current; undefined where an earlier rotation goes on */
  async #begin(SecretId: string): Promise<string | undefined> {
    try {
      return (await this.client.send(new RotateSecretCommand({ SecretId }))).VersionId;
    } catch (error) {
      if (!/A previous rotation isn't complete/.test((error as Error).message)) throw error;
      return undefined;
    }
  }
}
