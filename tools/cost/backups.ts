export interface BackupSettings {
  readonly backupDailyDays: number;
  readonly backupMonthlyDays: number;
}

const DAYS_PER_MONTH = 365 / 12;

/**
 * Bytes of all backups of the database that are kept in a month: AWS Backup makes full ones of Aurora.
 * @param freeDays so many days' backups cost nothing: those within the database's own retention, in its own region
 *   (Aurora user guide, "Understanding Amazon Aurora backup storage usage")
 * @param months since the first row
 * @param bytesAt the size of the database after so many months
 */
export function storedBackupsOfAurora(
  { backupDailyDays, backupMonthlyDays }: BackupSettings,
  freeDays: number,
  months: number,
  bytesAt: (months: number) => bigint,
): bigint {
  const ages = [...agesInDays(1, backupDailyDays), ...agesInDays(DAYS_PER_MONTH, backupMonthlyDays)].filter(
    (days) => days > freeDays && days <= months * DAYS_PER_MONTH,
  );
  return ages.reduce(
    (sum, days) => sum + bytesAt(Math.max(0, months - Math.floor(days / DAYS_PER_MONTH))),
    0n,
  );
}

/** Of backups that are made every so many days and kept for so many. */
function agesInDays(everyDays: number, keptDays: number): number[] {
  return Array.from({ length: Math.floor(keptDays / everyDays) }, (_, index) => (index + 1) * everyDays);
}
