import type { z } from 'zod';
import { checkDeadlines } from './deadlines.ts';
import { checkNotify } from './notify.ts';
import type { StageSettings } from './schema.ts';

/**
 * Regions with the Data API of Aurora PostgreSQL 18 (Aurora user guide, "Supported Regions and Aurora DB engines for RDS
 * Data API"). They exclude eu-central-2, whose CloudFormation has no budgets
 * (aws-cloudformation/cloudformation-coverage-roadmap 2177). All of them have API Gateway's HTTP and WebSocket APIs
 * (endpoints of `apigatewayv2` in botocore 1.43).
 */
const DATA_API_REGIONS = `
  af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2
  ap-southeast-3 ap-southeast-5 ap-southeast-7 ca-central-1 eu-central-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1
  eu-west-2 eu-west-3 me-central-1 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2`.match(
  /\S+/g,
)!;
/** CloudFormation has no anomaly monitors elsewhere (aws-cloudformation/cloudformation-coverage-roadmap 1375). */
const ANOMALY_REGION = 'us-east-1';
/** Regions that have Amazon QuickSight (AWS general reference, "Amazon Quick Suite endpoints and quotas"). */
const QUICKSIGHT_REGIONS = `
  af-south-1 ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ca-central-1
  eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
  sa-east-1 us-east-1 us-east-2 us-west-2`.match(/\S+/g)!;
/** A stack has at most 500 resources (CloudFormation user guide, "Quotas"): a policy and two groups for each store. */
const MAX_STORES_WITH_USERS = 130;
/** Subscribers per notification of a budget (AWS Billing API reference, NotificationWithSubscribers). */
const MAX_BUDGET_EMAILS = 10;

/** Reports settings that are wrong together although each is valid alone, at the one to change, with the correction. */
export function checkConflicts(settings: StageSettings, context: z.core.$RefinementCtx<StageSettings>): void {
  const { protect, databaseMinAcu, databaseMaxAcu, backupPlan, backupCopyRegion } = settings;
  const { alarmEmails, budgetUsdPerMonth, taxes, returns } = settings;
  const { quicksightPrincipalArn, quicksightImport, quicksightRefreshTime } = settings;
  // The CDK's command sets the variable to the region of the credentials.
  const region = settings.region ?? process.env.CDK_DEFAULT_REGION;
  const report = (name: keyof StageSettings, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });
  const untaxed = settings.stores.find(
    (store) => !taxes.some(({ stores }) => stores?.includes(store) ?? true),
  );
  if (untaxed !== undefined)
    report('taxes', `has no tax for the store ${untaxed}: add one, or a tax without "stores"`);
  const named = [...taxes.flatMap(({ stores = [] }) => stores), ...Object.keys(returns)];
  const unknown = named.find((store) => store !== '*' && !settings.stores.includes(store));
  if (unknown !== undefined && settings.unknownStores === 'refuse')
    report(
      Object.hasOwn(returns, unknown) ? 'returns' : 'taxes',
      `has the store ${unknown}, which retail:stores does not have`,
    );
  if (region !== undefined && !DATA_API_REGIONS.includes(region))
    report(
      'region',
      `${region} has no Data API for Aurora PostgreSQL 18: choose one of ${DATA_API_REGIONS.join(', ')}`,
    );
  const foreignZone = settings.availabilityZones?.find((zone) => region && zone.slice(0, -1) !== region);
  if (foreignZone !== undefined) report('availabilityZones', `has ${foreignZone}, which is not in ${region}`);
  if (settings.anomalyUsd !== undefined && region !== ANOMALY_REGION)
    report(
      'anomalyUsd',
      `is possible in ${ANOMALY_REGION} only: write retail:region = ${ANOMALY_REGION}, or remove this setting`,
    );
  if ((settings.apiJwtIssuer === undefined) !== (settings.apiJwtAudience === undefined))
    report('apiJwtAudience', 'belongs to retail:apiJwtIssuer: write both, or neither');
  if (settings.consoleSignIn !== 'none' && !settings.api)
    report('consoleSignIn', 'needs the API: write retail:api = true, or none here');
  const hasIssuer = settings.consoleSignIn === 'issuer';
  if (hasIssuer && settings.apiJwtIssuer === undefined)
    report(
      'consoleSignIn',
      'needs the issuer: write retail:apiJwtIssuer and retail:apiJwtAudience, or cognito here',
    );
  if (hasIssuer && settings.consoleClientId === undefined)
    report('consoleClientId', 'is missing: write the id of a public client of retail:apiJwtIssuer');
  if (!hasIssuer && settings.consoleClientId !== undefined)
    report('consoleClientId', 'belongs to retail:consoleSignIn = issuer: write both, or neither');
  if (settings.consoleSignIn === 'cognito' && settings.stores.length > MAX_STORES_WITH_USERS)
    report(
      'consoleSignIn',
      `creates two groups for each store, for at most ${MAX_STORES_WITH_USERS} stores: write issuer, and set retail:apiJwtIssuer to an issuer of your own`,
    );
  checkNotify(settings, report);
  checkDeadlines(settings, report);
  if (databaseMinAcu > databaseMaxAcu) report('databaseMinAcu', 'must not be above retail:databaseMaxAcu');
  if (protect && databaseMinAcu === 0)
    report('databaseMinAcu', 'lets the database of a protected stage pause: write 0.5 or more');
  if (protect && !settings.monitoring)
    report('monitoring', 'is false: a protected stage needs alarms, write true');
  if (protect && alarmEmails.length === 0)
    report('alarmEmails', 'is empty: a protected stage needs at least one address for its alarms');
  if (protect && !backupPlan) report('backupPlan', 'is false: a protected stage needs backups, write true');
  if (settings.backupLockGraceDays !== undefined && !backupPlan)
    report(
      'backupLockGraceDays',
      'locks a backup vault that does not exist: write retail:backupPlan = true, or remove this setting',
    );
  if (backupPlan && settings.backupMonthlyDays <= settings.backupDailyDays)
    report(
      'backupMonthlyDays',
      'must be above retail:backupDailyDays, or a monthly backup expires with the daily ones',
    );
  if (
    backupCopyRegion !== undefined &&
    (!backupPlan || settings.region === undefined || region === backupCopyRegion)
  )
    report('backupCopyRegion', 'requires retail:backupPlan = true and a different retail:region');
  if ((100 * databaseMinAcu) / databaseMaxAcu > settings.alarmAcuPercent)
    report(
      'alarmAcuPercent',
      'is below the share that the database always uses, retail:databaseMinAcu of retail:databaseMaxAcu',
    );
  for (const name of ['budgetUsdPerMonth', 'anomalyUsd'] as const)
    if (settings[name] !== undefined && alarmEmails.length === 0)
      report(name, 'requires an address in retail:alarmEmails');
  if (budgetUsdPerMonth !== undefined && alarmEmails.length > MAX_BUDGET_EMAILS)
    report(
      'alarmEmails',
      `has more addresses than the ${MAX_BUDGET_EMAILS} that a budget can notify: write the address of a mailing list`,
    );
  if (quicksightPrincipalArn !== undefined && region !== undefined && !QUICKSIGHT_REGIONS.includes(region))
    report(
      'quicksightPrincipalArn',
      `requires a region with QuickSight: set retail:region to one of ${QUICKSIGHT_REGIONS.join(', ')}, or remove this setting`,
    );
  const isSpice = quicksightImport === 'spice';
  if (quicksightPrincipalArn !== undefined && isSpice && quicksightRefreshTime === undefined)
    report(
      'quicksightRefreshTime',
      'is missing: retail:quicksightImport = spice requires a time of day such as 05:30',
    );
  if (!isSpice && quicksightRefreshTime !== undefined)
    report(
      'quicksightRefreshTime',
      'applies to SPICE only: write retail:quicksightImport = spice, or remove this setting',
    );
}
