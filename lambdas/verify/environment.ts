import { DATABASE_VARIABLES, integer } from '../shared/environment.ts';

export const VERIFIER_VARIABLES = {
  ...DATABASE_VARIABLES,
  stuckAfterSeconds: integer('STUCK_AFTER_SECONDS'),
  verifyDays: integer('VERIFY_DAYS'),
};
