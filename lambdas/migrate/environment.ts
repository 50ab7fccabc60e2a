import { DATABASE_VARIABLES, texts } from '../shared/environment.ts';

export const MIGRATOR_VARIABLES = {
  ...DATABASE_VARIABLES,
  roleSecretArns: texts('ROLE_SECRET_ARNS'),
};
