import { DATABASE_VARIABLES, text, texts } from '../shared/environment.ts';

export const ROTATOR_VARIABLES = {
  ...DATABASE_VARIABLES,
  /** Secret that holds the password under test. */
  probeSecretArn: text('PROBE_SECRET_ARN'),
  /** The rotated secrets, each as `user name=ARN`. */
  roleSecrets: texts('ROLE_SECRETS'),
};
