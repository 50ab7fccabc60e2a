import { DATABASE_VARIABLES, integer, text } from '../shared/environment.ts';

export const VERIFIER_VARIABLES = {
  ...DATABASE_VARIABLES,
  bucketName: text('BUCKET_NAME'),
  stuckAfterSeconds: integer('STUCK_AFTER_SECONDS'),
  verifyDays: integer('VERIFY_DAYS'),
  verifyEveryHours: integer('VERIFY_EVERY_HOURS'),
  /** Revision of the deployed parser. */
  parserRevision: text('PARSER_REVISION'),
};
