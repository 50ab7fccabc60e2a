import { Logger } from '@aws-lambda-powertools/logger';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Context } from 'aws-lambda';
import { Database } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { ROTATOR_VARIABLES } from './environment.ts';
import { Probe } from './probe.ts';
import { type RotationEvent, rotate } from './rotate.ts';
import { SecretVersions } from './secret-versions.ts';

const environment = readEnvironment(ROTATOR_VARIABLES, process.env);
const { secretArn: migratorSecretArn, probeSecretArn, roleSecrets } = environment;
const userNames = new Map(
  roleSecrets
    .map((entry) => entry.split('='))
    .map(([userName = '', secretArn = '']) => [secretArn, userName]),
);
const logger = new Logger();
const secrets = new SecretVersions(new SecretsManagerClient());
const migrator = new Database(environment);
// The password that it tries may be wrong: it does not wait for another one.
const probed = new Database({ ...environment, secretArn: probeSecretArn }, { rotationWaitMilliseconds: 0 });

/** Carries out one step of the rotation of a secret for Secrets Manager, which may repeat any step. */
export async function handler(event: RotationEvent, context: Context): Promise<void> {
  await rotate(event, {
    secrets,
    migratorSecretArn,
    userNames,
    asMigrator: migrator.queryWithin(context),
    probe: new Probe(secrets, probeSecretArn, probed.queryWithin(context)),
  });
  logger.info('step done', { step: event.Step, secretId: event.SecretId, version: event.ClientRequestToken });
}
