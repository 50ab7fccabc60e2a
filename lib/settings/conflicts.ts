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

/** Subscribers per notification of a budget (AWS Billing API reference, NotificationWithSubscribers). */
const MAX_BUDGET_EMAILS = 10;

interface Conflict {
  readonly name: keyof StageSettings;
  /** States the problem and the correction. Follows the name of the setting. */
  readonly message: string;
  isIn(settings: StageSettings): boolean;
}

/** Combinations of settings that are wrong together although each is valid alone. */
const CONFLICTS: readonly Conflict[] = [
  {
    name: 'databaseMinAcu',
    message: 'must not be above retail:databaseMaxAcu',
    isIn: (settings) => settings.databaseMinAcu > settings.databaseMaxAcu,
  },
  {
    name: 'databaseMinAcu',
    message: 'lets the database of a protected stage pause: write 0.5 or more',
    isIn: (settings) => settings.protect && settings.databaseMinAcu === 0,
  },
  {
    name: 'monitoring',
    message: 'is false: a protected stage needs alarms, write true',
    isIn: (settings) => settings.protect && !settings.monitoring,
  },
  {
    name: 'alarmEmails',
    message: 'is empty: a protected stage needs at least one address for its alarms',
    isIn: (settings) => settings.protect && settings.alarmEmails.length === 0,
  },
  {
    name: 'backupPlan',
    message: 'is false: a protected stage needs backups, write true',
    isIn: (settings) => settings.protect && !settings.backupPlan,
  },
  {
    name: 'backupLockGraceDays',
    message:
      'locks a backup vault that does not exist: write retail:backupPlan = true, or remove this setting',
    isIn: (settings) => settings.backupLockGraceDays !== undefined && !settings.backupPlan,
  },
  {
    name: 'backupMonthlyDays',
    message: 'must be above retail:backupDailyDays, or a monthly backup expires with the daily ones',
    isIn: (settings) => settings.backupPlan && settings.backupMonthlyDays <= settings.backupDailyDays,
  },
  {
    name: 'backupCopyRegion',
    message: 'requires retail:backupPlan = true and a different retail:region',
    isIn: ({ backupCopyRegion, backupPlan, region }) =>
      backupCopyRegion !== undefined && (!backupPlan || region === undefined || region === backupCopyRegion),
  },
  {
    name: 'alarmAcuPercent',
    message:
      'is below the share that the database always uses, retail:databaseMinAcu of retail:databaseMaxAcu',
    isIn: ({ alarmAcuPercent, databaseMinAcu, databaseMaxAcu }) =>
      (100 * databaseMinAcu) / databaseMaxAcu > alarmAcuPercent,
  },
  {
    name: 'budgetUsdPerMonth',
    message: 'requires an address in retail:alarmEmails',
    isIn: (settings) => settings.budgetUsdPerMonth !== undefined && settings.alarmEmails.length === 0,
  },
  {
    name: 'anomalyUsd',
    message: 'requires an address in retail:alarmEmails',
    isIn: (settings) => settings.anomalyUsd !== undefined && settings.alarmEmails.length === 0,
  },
  {
    name: 'alarmEmails',
    message: `has more addresses than the ${MAX_BUDGET_EMAILS} that a budget can notify: write the address of a mailing list`,
    isIn: ({ budgetUsdPerMonth, alarmEmails }) =>
      budgetUsdPerMonth !== undefined && alarmEmails.length > MAX_BUDGET_EMAILS,
  },
  {
    name: 'quicksightPrincipalArn',
    message: `requires a region with QuickSight: set retail:region to one of ${QUICKSIGHT_REGIONS.join(', ')}, or remove this setting`,
    isIn: ({ quicksightPrincipalArn, region }) =>
      quicksightPrincipalArn !== undefined && region !== undefined && !QUICKSIGHT_REGIONS.includes(region),
  },
  {
    name: 'quicksightRefreshTime',
    message: 'is missing: retail:quicksightImport = spice requires a time of day such as 05:30',
    isIn: (settings) =>
      settings.quicksightPrincipalArn !== undefined &&
      settings.quicksightImport === 'spice' &&
      settings.quicksightRefreshTime === undefined,
  },
  {
    name: 'quicksightRefreshTime',
    message: 'applies to SPICE only: write retail:quicksightImport = spice, or remove this setting',
    isIn: (settings) =>
      settings.quicksightImport === 'direct' && settings.quicksightRefreshTime !== undefined,
  },
];

/** Finds the conflicts between settings, each with the name of the setting to change. */
export function findConflicts(settings: StageSettings): { name: keyof StageSettings; message: string }[] {
  return CONFLICTS.filter((conflict) => conflict.isIn(settings));
}
