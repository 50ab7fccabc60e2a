import { DATABASE_VARIABLES, texts } from '../shared/environment.ts';

export const MIGRATOR_VARIABLES = {
  ...DATABASE_VARIABLES,
  /** Secrets of the roles whose passwords the migration sets. */
  roleSecretArns: texts('ROLE_SECRET_ARNS'),
};
