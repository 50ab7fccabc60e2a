import type { StageSettings } from './schema.ts';

/** Regions that have Amazon QuickSight (AWS general reference, "Amazon Quick Suite endpoints and quotas"). */
const QUICKSIGHT_REGIONS = [
  'af-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ca-central-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-2',
];

/** For each notification of a budget (AWS Billing and Cost Management API reference, NotificationWithSubscribers). */
const MOST_BUDGET_EMAILS = 10;

interface Conflict {
  readonly name: keyof StageSettings;
  /** What is wrong, and what to write. */
  readonly message: string;
  isIn(settings: StageSettings): boolean;
}

/** Settings that are right alone and wrong together. */
const CONFLICTS: readonly Conflict[] = [
  {
    name: 'databaseMinAcu',
    message: 'must not be above retail:databaseMaxAcu',
    isIn: (settings) => settings.databaseMinAcu > settings.databaseMaxAcu,
  },
  {
    name: 'databaseMinAcu',
    message: 'lets the database pause, which a protected stage must not: write 0.5 or more',
    isIn: (settings) => settings.protect && settings.databaseMinAcu === 0,
  },
  {
    name: 'monitoring',
    message: 'leaves a protected stage without alarms: write true',
    isIn: (settings) => settings.protect && !settings.monitoring,
  },
  {
    name: 'alarmEmails',
    message: 'is empty, and nobody would hear of the alarms of a protected stage: write an address',
    isIn: (settings) => settings.protect && settings.alarmEmails.length === 0,
  },
  {
    name: 'backupPlan',
    message: 'leaves a protected stage without backups: write true',
    isIn: (settings) => settings.protect && !settings.backupPlan,
  },
  {
    name: 'backupLockGraceDays',
    message: 'locks a vault that is not there: write retail:backupPlan = true, or leave it out',
    isIn: (settings) => settings.backupLockGraceDays !== undefined && !settings.backupPlan,
  },
  {
    name: 'backupMonthlyDays',
    message: 'must be above retail:backupDailyDays, or the monthly backup is of no use',
    isIn: (settings) => settings.backupPlan && settings.backupMonthlyDays <= settings.backupDailyDays,
  },
  {
    name: 'backupCopyRegion',
    message: 'needs retail:backupPlan = true and retail:region, another one',
    isIn: ({ backupCopyRegion, backupPlan, region }) =>
      backupCopyRegion !== undefined && (!backupPlan || region === undefined || region === backupCopyRegion),
  },
  {
    name: 'alarmAcuPercent',
    message: 'is less than what the database always uses, retail:databaseMinAcu of retail:databaseMaxAcu',
    isIn: ({ alarmAcuPercent, databaseMinAcu, databaseMaxAcu }) =>
      (100 * databaseMinAcu) / databaseMaxAcu > alarmAcuPercent,
  },
  {
    name: 'budgetUsdPerMonth',
    message: 'needs an address in retail:alarmEmails, to tell somebody',
    isIn: (settings) => settings.budgetUsdPerMonth !== undefined && settings.alarmEmails.length === 0,
  },
  {
    name: 'anomalyUsd',
    message: 'needs an address in retail:alarmEmails, to tell somebody',
    isIn: (settings) => settings.anomalyUsd !== undefined && settings.alarmEmails.length === 0,
  },
  {
    name: 'alarmEmails',
    message: `has more than ${MOST_BUDGET_EMAILS} addresses, which is all that a budget can tell: write a mailing list's`,
    isIn: ({ budgetUsdPerMonth, alarmEmails }) =>
      budgetUsdPerMonth !== undefined && alarmEmails.length > MOST_BUDGET_EMAILS,
  },
  {
    name: 'quicksightPrincipalArn',
    message: `is for a region that has QuickSight: set retail:region to one of ${QUICKSIGHT_REGIONS.join(', ')}, or leave it out`,
    isIn: ({ quicksightPrincipalArn, region }) =>
      quicksightPrincipalArn !== undefined && region !== undefined && !QUICKSIGHT_REGIONS.includes(region),
  },
  {
    name: 'quicksightRefreshTime',
    message: 'is missing: with retail:quicksightImport = spice, write a time of day such as 05:30',
    isIn: (settings) =>
      settings.quicksightPrincipalArn !== undefined &&
      settings.quicksightImport === 'spice' &&
      settings.quicksightRefreshTime === undefined,
  },
  {
    name: 'quicksightRefreshTime',
    message: 'is for a copy in SPICE: write retail:quicksightImport = spice, or leave it out',
    isIn: (settings) =>
      settings.quicksightImport === 'direct' && settings.quicksightRefreshTime !== undefined,
  },
];

/** @returns what is wrong, by the name of the setting to change */
export function findConflicts(settings: StageSettings): { name: keyof StageSettings; message: string }[] {
  return CONFLICTS.filter((conflict) => conflict.isIn(settings));
}
