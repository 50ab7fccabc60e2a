import { Logger } from '@aws-lambda-powertools/logger';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { CALL_TIMEOUT_MILLISECONDS, Database } from '../shared/database.ts';
import { ROTATOR_ENVIRONMENT, readEnvironment } from '../shared/environment.ts';
import { Probe } from './probe.ts';
import { type RotationEvent, rotate } from './rotate.ts';
import { SecretVersions } from './secret-versions.ts';

const { migratorSecretArn, probeSecretArn, ...target } = readEnvironment(ROTATOR_ENVIRONMENT, process.env);
const logger = new Logger();
const secrets = new SecretVersions(new SecretsManagerClient());
const migrator = new Database({ ...target, secretArn: migratorSecretArn });
// What it tries may well be wrong: it does not wait for it to become right.
const probed = new Database({ ...target, secretArn: probeSecretArn }, CALL_TIMEOUT_MILLISECONDS, 0);

/** One step of the rotation of a secret, called by Secrets Manager. Any step may come again. */
export async function handler(event: RotationEvent, context: Context): Promise<void> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - CALL_TIMEOUT_MILLISECONDS;
  await rotate(event, {
    secrets,
    migratorSecretArn,
    asMigrator: (sql, parameters) => migrator.rows(sql, parameters, deadline),
    probe: new Probe(secrets, probeSecretArn, (sql, parameters) => probed.rows(sql, parameters, deadline)),
  });
  logger.info('step done', { step: event.Step, secretId: event.SecretId, version: event.ClientRequestToken });
}
