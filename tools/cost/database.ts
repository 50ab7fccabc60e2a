import type { Inventory } from './inventory.ts';
import { DAYS_PER_MONTH } from './prices.ts';

type AwakeSettings = Pick<
  Inventory['settings'],
  'databaseMinAcu' | 'databasePauseMinutes' | 'sweepEveryMinutes' | 'lostAfterMinutes' | 'verifyEveryHours'
>;
type BackupSettings = Pick<Inventory['settings'], 'backupDailyDays' | 'backupMonthlyDays'>;

const DAY_MINUTES = 1_440;
/** Time to resume and to work, before the time without a connection begins. */
const CALL_MINUTES = 1;
/** After an upload, every sweep queries the database for this time (lambdas/sweep/sweep.ts). */
const MIN_WATCHED_MINUTES = 240;
const WATCHED_PER_LOST_AFTER = 4;
/** Sweeps in the first hour of the day always query the database (lambdas/sweep/sweep.ts). */
const FIRST_OF_DAY_MINUTES = 60;
/** A sweep lists at most 20 pages of 1,000 versions. If the bucket has more, every sweep queries the database. */
export const MAX_PAGES = 20;
export const VERSIONS_PER_PAGE = 1_000;

/** Maximum number of sweeps in a day that query the database. */
export function countQueryingSweeps(settings: AwakeSettings, filesPerDay: number, versions: number): number {
  const { sweepEveryMinutes, lostAfterMinutes } = settings;
  const all = Math.ceil(DAY_MINUTES / sweepEveryMinutes);
  if (versions > MAX_PAGES * VERSIONS_PER_PAGE) return all;
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

/**
 * Sums the bytes of all database backups that are kept in a month. AWS Backup makes full backups of Aurora.
 * @param freeDays age up to which backups are free: those within the database's own retention, in its own region
 *   (Aurora user guide, "Understanding Amazon Aurora backup storage usage")
 * @param months months since the first row
 * @param bytesAfter size of the database after a number of months
 */
export function sumDatabaseBackups(
  { backupDailyDays, backupMonthlyDays }: BackupSettings,
  freeDays: number,
  months: number,
  bytesAfter: (months: number) => number,
): number {
  const ages = [...listAges(1, backupDailyDays), ...listAges(DAYS_PER_MONTH, backupMonthlyDays)];
  return ages
    .filter((days) => days > freeDays && days <= months * DAYS_PER_MONTH)
    .reduce((sum, days) => sum + bytesAfter(Math.max(0, months - Math.floor(days / DAYS_PER_MONTH))), 0);
}

/** Ages in days of the backups that a rule keeps. */
function listAges(everyDays: number, keptDays: number): number[] {
  return Array.from({ length: Math.floor(keptDays / everyDays) }, (_, index) => (index + 1) * everyDays);
}
