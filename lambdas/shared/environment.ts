/** Names of the environment variables of each function: `lib/` sets them, the function's entry file reads them. */
export const PARSER_ENVIRONMENT = {
  uploadQueueUrl: 'UPLOAD_QUEUE_URL',
  uploadDeadLetterQueueUrl: 'UPLOAD_DEAD_LETTER_QUEUE_URL',
  rowQueueUrl: 'ROW_QUEUE_URL',
  taxPercent: 'TAX_PERCENT',
  maxMessageBytes: 'MAX_MESSAGE_BYTES',
  maxUnpackedMiB: 'MAX_UNPACKED_MIB',
  unknownColumns: 'UNKNOWN_COLUMNS',
  revision: 'PARSER_REVISION',
} as const;

export const CONSUMER_ENVIRONMENT = {
  clusterArn: 'CLUSTER_ARN',
  databaseName: 'DATABASE_NAME',
  secretArn: 'LOADER_SECRET_ARN',
  rowQueueUrl: 'ROW_QUEUE_URL',
  rowDeadLetterQueueUrl: 'ROW_DEAD_LETTER_QUEUE_URL',
} as const;

export const MIGRATE_ENVIRONMENT = {
  clusterArn: 'CLUSTER_ARN',
  databaseName: 'DATABASE_NAME',
  secretArn: 'MIGRATOR_SECRET_ARN',
  loaderSecretArn: 'LOADER_SECRET_ARN',
  analystSecretArn: 'ANALYST_SECRET_ARN',
  sweeperSecretArn: 'SWEEPER_SECRET_ARN',
  quicksightSecretArn: 'QUICKSIGHT_SECRET_ARN',
} as const;

export const ROTATOR_ENVIRONMENT = {
  clusterArn: 'CLUSTER_ARN',
  databaseName: 'DATABASE_NAME',
  migratorSecretArn: 'MIGRATOR_SECRET_ARN',
  probeSecretArn: 'PROBE_SECRET_ARN',
} as const;

export const SWEEPER_ENVIRONMENT = {
  clusterArn: 'CLUSTER_ARN',
  databaseName: 'DATABASE_NAME',
  secretArn: 'SWEEPER_SECRET_ARN',
  bucketName: 'UPLOAD_BUCKET_NAME',
  uploadQueueUrl: 'UPLOAD_QUEUE_URL',
  sweepEveryMinutes: 'SWEEP_EVERY_MINUTES',
  lostAfterSeconds: 'LOST_AFTER_SECONDS',
  stuckAfterSeconds: 'STUCK_AFTER_SECONDS',
} as const;

export const VERIFIER_ENVIRONMENT = {
  clusterArn: 'CLUSTER_ARN',
  databaseName: 'DATABASE_NAME',
  secretArn: 'ANALYST_SECRET_ARN',
  stuckAfterSeconds: 'STUCK_AFTER_SECONDS',
  verifyDays: 'VERIFY_DAYS',
} as const;

/** The values of the variables that `names` lists, under the same keys. */
export type Environment<Names extends Record<string, string>> = { readonly [Key in keyof Names]: string };

/**
 * Reads every variable of `names` from `source`.
 * @throws {Error} naming all the variables that are missing or empty.
 */
export function readEnvironment<Names extends Record<string, string>>(
  names: Names,
  source: Record<string, string | undefined>,
): Environment<Names> {
  const missing = Object.values(names).filter((name) => !source[name]);
  if (missing.length > 0) {
    throw new Error(
      `missing environment variable${missing.length > 1 ? 's' : ''} ${missing.join(', ')}: set it on the function in lib/`,
    );
  }
  return Object.fromEntries(
    Object.entries(names).map(([key, name]) => [key, source[name]]),
  ) as Environment<Names>;
}
