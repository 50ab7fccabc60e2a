/** Settings that decide how long a database that may pause is awake. */
interface AwakeSettings {
  readonly databaseMinAcu: number;
  readonly databasePauseMinutes: number;
  readonly sweepEveryMinutes: number;
  readonly lostAfterMinutes: number;
  readonly verifyEveryHours: number;
}

const DAY_MINUTES = 1_440;
/** Time to resume and to work, before the time without a connection begins. */
const CALL_MINUTES = 1;
/** After an upload, every sweep queries the database for this time (lambdas/sweep/sweep.ts). */
const MIN_WATCHED_MINUTES = 240;
const WATCHED_PER_LOST_AFTER = 4;
/** Sweeps in the first hour of the day always query the database (lambdas/sweep/sweep.ts). */
const FIRST_OF_DAY_MINUTES = 60;
/** If the bucket has more versions than one sweep lists, every sweep queries the database. */
const MAX_VERSIONS_LISTED = 20_000;

/** Maximum number of sweeps in a day that query the database. */
export function countQueryingSweeps(settings: AwakeSettings, filesPerDay: number, versions: number): number {
  const { sweepEveryMinutes, lostAfterMinutes } = settings;
  const all = Math.ceil(DAY_MINUTES / sweepEveryMinutes);
  if (versions > MAX_VERSIONS_LISTED) return all;
  const watched = Math.max(MIN_WATCHED_MINUTES, WATCHED_PER_LOST_AFTER * lostAfterMinutes);
  const firstOfDay = Math.ceil(Math.max(FIRST_OF_DAY_MINUTES, sweepEveryMinutes) / sweepEveryMinutes);
  return Math.min(all, firstOfDay + filesPerDay * Math.ceil(watched / sweepEveryMinutes));
}

/**
 * Maximum number of minutes in a day for which the database is awake, if uploads, sweeps and verifications come at
 * different times. A database that may not pause is awake all day.
 */
export function countAwakeMinutes(settings: AwakeSettings, filesPerDay: number, versions: number): number {
  if (settings.databaseMinAcu > 0) return DAY_MINUTES;
  const perWake = settings.databasePauseMinutes + CALL_MINUTES;
  const sweeps = countQueryingSweeps(settings, filesPerDay, versions);
  const verifications = Math.ceil(24 / settings.verifyEveryHours);
  const bySweeps = sweeps * Math.min(perWake, settings.sweepEveryMinutes);
  return Math.min(DAY_MINUTES, bySweeps + (verifications + filesPerDay) * perWake);
}
