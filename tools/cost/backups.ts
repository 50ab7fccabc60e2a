import { DAYS_PER_MONTH } from './prices.ts';

interface BackupSettings {
  readonly backupDailyDays: number;
  readonly backupMonthlyDays: number;
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
