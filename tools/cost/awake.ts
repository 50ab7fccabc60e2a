/** What decides how long a database that may pause is awake. */
export interface AwakeSettings {
  readonly databaseMinAcu: number;
  readonly databasePauseMinutes: number;
  readonly sweepEveryMinutes: number;
  readonly lostAfterMinutes: number;
  readonly verifyEveryHours: number;
}

const DAY_MINUTES = 1_440;
/** Resuming and the work itself, before the time without a connection begins. */
const CALL_MINUTES = 1;
/** `lambdas/sweeper/sweep.ts`: as long after a drop every sweep asks the database, ... */
const LEAST_WATCHED_MINUTES = 240;
const WATCHED_PER_LOST_AFTER = 4;
/** ... without any drop those of the first hour of the day do, ... */
const FIRST_OF_DAY_MINUTES = 60;
/** ... and where the bucket has more than it lists in one go, every one does. */
const MOST_VERSIONS_LISTED = 20_000;

/** How often the sweeper asks the database in a day, at most. */
export function askingSweepsPerDay(settings: AwakeSettings, filesPerDay: number, versions: number): number {
  const { sweepEveryMinutes, lostAfterMinutes } = settings;
  const every = Math.ceil(DAY_MINUTES / sweepEveryMinutes);
  if (versions > MOST_VERSIONS_LISTED) return every;
  const watched = Math.max(LEAST_WATCHED_MINUTES, WATCHED_PER_LOST_AFTER * lostAfterMinutes);
  const firstOfDay = Math.ceil(Math.max(FIRST_OF_DAY_MINUTES, sweepEveryMinutes) / sweepEveryMinutes);
  return Math.min(every, firstOfDay + filesPerDay * Math.ceil(watched / sweepEveryMinutes));
}

/**
 * Minutes of a day for which the database is awake, at most: as if files, sweeps and checks came at different times.
 * A database that may not pause is awake all day.
 */
export function awakeMinutesPerDay(settings: AwakeSettings, filesPerDay: number, versions: number): number {
  if (settings.databaseMinAcu > 0) return DAY_MINUTES;
  const perWake = settings.databasePauseMinutes + CALL_MINUTES;
  const sweeps = askingSweepsPerDay(settings, filesPerDay, versions);
  const verifications = Math.ceil(24 / settings.verifyEveryHours);
  const bySweeps = sweeps * Math.min(perWake, settings.sweepEveryMinutes);
  return Math.min(DAY_MINUTES, bySweeps + (verifications + filesPerDay) * perWake);
}
