import { expect, test } from 'vitest';
import { storedBackupsOfAurora } from '../../../../tools/cost/backups.ts';

const SETTINGS = { backupDailyDays: 35, backupMonthlyDays: 365 };
/** The database's own retention. */
const FREE_DAYS = 35;
const growing = (months: number) => BigInt(months) * 100n;

test('after a year, the monthly backups of older months count, each as large as the database was then', () => {
  // 35 days back is free, so that the one of 30 days is; the others have 10, 9 … 0 months.
  expect(storedBackupsOfAurora(SETTINGS, FREE_DAYS, 12, growing)).toBe(
    100n * (10n + 9n + 8n + 7n + 6n + 5n + 4n + 3n + 2n + 1n),
  );
});

test('no backup is older than the database', () => {
  expect(storedBackupsOfAurora(SETTINGS, FREE_DAYS, 1, growing)).toBe(0n);
  expect(storedBackupsOfAurora(SETTINGS, FREE_DAYS, 2, () => 1n)).toBe(1n);
});

test('daily backups that are kept longer than the database’s own retention count too', () => {
  const settings = { ...SETTINGS, backupDailyDays: 10, backupMonthlyDays: 31 };
  expect(storedBackupsOfAurora(settings, 1, 12, () => 1n)).toBe(9n + 1n);
});

test('copies in another region are within nobody’s retention: 30 daily ones and a monthly one cost', () => {
  expect(storedBackupsOfAurora(SETTINGS, 0, 1, () => 1n)).toBe(31n);
});
