import { DATABASE_VARIABLES, text } from '../shared/environment.ts';

export const ROTATOR_VARIABLES = {
  ...DATABASE_VARIABLES,
  /** Secret that holds the password under test. */
  probeSecretArn: text('PROBE_SECRET_ARN'),
};
