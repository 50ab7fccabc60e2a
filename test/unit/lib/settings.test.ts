import { readFile } from 'node:fs/promises';
import { RootConstruct } from 'constructs';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { DEFAULT_RULES, rulesFor } from '../../../lambdas/core/rules.ts';
import { readSettings, readStageSettings } from '../../../lib/settings/read-settings.ts';

let context: Record<string, unknown>;
beforeAll(async () => {
  const text = await readFile(new URL('../../../cdk.json', import.meta.url), 'utf8');
  context = (JSON.parse(text) as { context: Record<string, unknown> }).context;
});

/** A construct with this context. An app would create a folder. */
function nodeWith(values: Record<string, unknown>) {
  const { node } = new RootConstruct();
  for (const [name, value] of Object.entries(values)) node.setContext(name, value);
  return node;
}
const read = (changes: Record<string, unknown>) => readSettings(nodeWith({ ...context, ...changes }));

test.each([
  ['dev', { protect: false, databaseMinAcu: 0, alarmEmails: [] }],
  ['prod', { protect: true, databaseMinAcu: 0.5, encryption: 'customer-key' }],
])('the settings of the stage %s in cdk.json are valid', (stage, some) => {
  expect(read({ stage })).toMatchObject({
    stage,
    taxes: [{ name: 'standard', percent: '20' }],
    stores: ['main', 'oslo'],
    ...some,
  });
});

test('the default stage is dev', () => {
  expect(read({}).stage).toBe('dev');
});

test('an unknown stage is refused with a list of the known ones', () => {
  expect(() => read({ stage: 'quality' })).toThrow(/-c stage=quality: .* has dev, prod/);
});

test('a value from the command line overrides that of the stage and is read from its text', () => {
  const settings = read({
    'retail:loaderConcurrency': '8',
    'retail:taxes': '[{"name":"reduced","percent":5.5}]',
    'retail:returns': '{"*":"accept","oslo":"reject"}',
    'retail:databaseMaxAcu': '2.5',
    'retail:stores': 'oslo,bergen',
    'retail:backupPlan': 'true',
  });
  expect(settings).toMatchObject({
    loaderConcurrency: 8,
    taxes: [{ name: 'reduced', percent: '5.5' }],
    returns: { '*': 'accept', oslo: 'reject' },
    databaseMaxAcu: 2.5,
    stores: ['oslo', 'bergen'],
    backupPlan: true,
  });
});

test.each([
  ['retail:notify', '{"store":"main"}', 'a list such as'],
  ['retail:notify', [{ store: 'main' }], 'emails or a webhook each'],
  ['retail:notify', [{ store: 'main', emails: ['x'] }], 'an address such as shop@example.com'],
  [
    'retail:notify',
    [{ store: 'main', webhook: 'http://shop.example.com/' }],
    'https://shop.example.com/receipts',
  ],
  ['retail:notify', [{ store: 'main', webhook: 'https://10.0.0.1/' }], 'a host on the internet, by name'],
  ['retail:notify', [{ store: 'main', webhook: 'https://[::1]/' }], 'a host on the internet, by name'],
  ['retail:notify', [{ store: 'main', webhook: 'https://localhost/' }], 'a host on the internet, by name'],
  [
    'retail:notify',
    [{ store: 'main', webhook: 'https://me:secret@shop.example.com/' }],
    'no user name and no password',
  ],
  [
    'retail:notify',
    [{ store: 'bergen', webhook: 'https://shop.example.com/' }],
    'has bergen, which is not in retail:stores',
  ],
  ['retail:notifyFrom', 'nobody', 'an address such as receipts@example.com'],
  ['retail:taxes', [{ name: 'standard', percent: 'twenty' }], 'a percentage such as 20 or 5.5'],
  ['retail:taxes', '[]', 'at least one tax'],
  ['retail:taxes', '[{"name":"a","percent":5,"products":"*bread*"}]', 'a list of names such as ["*bread*"'],
  ['retail:taxes', '[{"name":"a","percent":5,"products":[]}]', 'at least one name of a product'],
  ['retail:taxes', '[{"name":"a","percent":5,"categories":["SALE"]}]', 'SELL or BUY'],
  ['retail:taxes', '[{"name":"a","percent":5,"from":"2025-02-30"}]', 'an existing date such as 2025-01-31'],
  [
    'retail:taxes',
    '[{"name":"a","percent":5,"from":"2025-03-01","until":"2025-02-01"}]',
    'not before "from"',
  ],
  ['retail:taxes', `[{"name":"${'a'.repeat(41)}","percent":5}]`, 'at most 40 characters'],
  ['retail:taxes', '[{"name":"a","percent":5,"stores":["oslo"]}]', 'has no tax for the store main'],
  [
    'retail:taxes',
    '[{"name":"a","percent":5},{"name":"b","percent":6,"stores":["nice"]}]',
    'has the store nice, which retail:stores does not have',
  ],
  [
    'retail:returns',
    '{"*":"accept","nice":"reject"}',
    'has the store nice, which retail:stores does not have',
  ],
  ['retail:earliestDate', '2025-02-30', 'an existing date'],
  ['retail:maxDaysAhead', -1, 'from 0 to 3650'],
  ['retail:loaderConcurrency', 1, 'a whole number from 2 to 1000'],
  ['retail:logRetentionDays', 8, 'one of 1, 3, 5, 7'],
  ['retail:databaseMaxAcu', 1.3, 'multiple of 0.5'],
  ['retail:stores', 'oslo,oslo', 'no duplicate stores'],
  ['retail:stores', '', 'at least one store'],
  ['retail:stores', Array.from({ length: 151 }, (_, store) => `s${store}`), 'at most 150 stores'],
  ['retail:parserMemoryMiB', 'abc', 'a whole number from 256 to 10240'],
  ['retail:protect', 'maybe', 'true or false'],
  ['retail:alarmEmails', 'no-address', 'an address such as'],
  ['retail:availabilityZones', 'eu-central-1', 'a zone such as eu-central-1a'],
  ['retail:availabilityZones', 'eu-central-1a', 'two different zones'],
  ['retail:availabilityZones', 'eu-central-1a,eu-central-1a', 'two different zones'],
  ['retail:region', 'Frankfurt', 'a region such as eu-central-1'],
  ['retail:apiCollectSeconds', 61, 'a whole number from 0 to 60'],
  ['retail:apiCorsOrigins', 'https://shop.example.com/', 'an origin such as'],
  ['retail:apiCorsOrigins', '*', 'an origin such as'],
  ['retail:apiJwtIssuer', 'http://login.example.com', 'a URL such as https://'],
  ['retail:consoleSignIn', 'google', 'none, cognito or issuer'],
  ['retail:consoleScopes', 'profile', 'openid among them'],
  ['retail:consoleScopes', 'openid profile', 'a scope such as openid, without blanks'],
  ['retail:consoleSecondFactor', 'none', 'required or optional'],
  ['retail:deadlines', '{"time":"22:00"}', 'a list such as'],
  ['retail:deadlines', [{ time: '24:00', timeZone: 'UTC' }], 'a time of day such as 22:00'],
  ['retail:deadlines', [{ time: '22:00' }], 'a time zone such as Europe/Oslo'],
  ['retail:deadlines', [{ time: '22:00', timeZone: '+02:00' }], 'a time zone such as Europe/Oslo'],
  ['retail:deadlines', [{ time: '22:00', timeZone: 'Europe/Atlantis' }], 'a time zone such as Europe/Oslo'],
  ['retail:deadlines', [{ time: '22:00', timeZone: 'UTC', weekdays: ['monday'] }], 'one of mon, tue'],
  ['retail:deadlines', [{ time: '22:00', timeZone: 'UTC', closed: ['2025-02-30'] }], 'an existing date'],
  [
    'retail:deadlines',
    [{ time: '22:00', timeZone: 'UTC', stores: ['bergen'] }],
    'has bergen, which is not in retail:stores',
  ],
  [
    'retail:deadlines',
    [
      { time: '22:00', timeZone: 'UTC', weekdays: ['mon'] },
      { time: '16:00', timeZone: 'Europe/Oslo', weekdays: ['sat'] },
    ],
    'several time zones for the store main',
  ],
  ['retail:githubRepository', 'acme', 'owner/name'],
  ['retail:githubRepository', 'acme/*', 'owner/name'],
  ['retail:githubRepository', 'acme@12/retail', 'owner@id/name@id'],
])('%s = %j is refused with the allowed values', (name, value, allowed) => {
  const refused = () => read({ [name]: value });
  expect(refused).toThrow(name);
  expect(refused).toThrow(allowed);
});

const ISSUER = {
  'retail:apiJwtIssuer': 'https://login.example.com/',
  'retail:apiJwtAudience': 'retail',
  'retail:consoleSignIn': 'issuer',
  'retail:consoleClientId': 'console',
};

test('people may sign in at the issuer of the tokens', () => {
  expect(read(ISSUER)).toMatchObject({ consoleClientId: 'console', consoleScopes: ['openid'] });
});

test('a text that is not a number is refused in words', () => {
  const numbers = Object.keys(read({})).filter((name) => typeof read({})[name as 'verifyDays'] === 'number');
  expect(numbers).toContain('databaseMaxAcu');
  for (const name of [...numbers, 'budgetUsdPerMonth', 'anomalyUsd', 'alarmNoUploadHours']) {
    const refused = () => read({ [`retail:${name}`]: 'a lot' });
    expect(refused, name).toThrow(/"a lot": an? (whole number|number|multiple|positive amount)/);
    expect(refused, name).not.toThrow('NaN');
  }
});

test.each([
  [
    'retail:apiJwtAudience',
    { 'retail:apiJwtIssuer': 'https://login.example.com/' },
    'write both, or neither',
  ],
  ['retail:apiJwtAudience', { 'retail:apiJwtAudience': 'retail' }, 'write both, or neither'],
  ['retail:consoleSignIn', { 'retail:consoleSignIn': 'issuer' }, 'write retail:apiJwtIssuer and'],
  ['retail:consoleSignIn', { ...ISSUER, 'retail:api': false }, 'needs the API'],
  ['retail:consoleClientId', { ...ISSUER, 'retail:consoleClientId': undefined }, 'the id of a public client'],
  ['retail:consoleClientId', { ...ISSUER, 'retail:consoleSignIn': 'cognito' }, 'write both, or neither'],
  ['retail:databaseMinAcu', { 'retail:databaseMinAcu': 64 }, 'must not be above retail:databaseMaxAcu'],
  ['retail:databaseMinAcu', { stage: 'prod', 'retail:databaseMinAcu': 0 }, 'write 0.5 or more'],
  [
    'retail:alarmEmails',
    { stage: 'prod', 'retail:alarmEmails': '' },
    'a protected stage needs at least one address',
  ],
  [
    'retail:monitoring',
    { stage: 'prod', 'retail:monitoring': false },
    'a protected stage needs alarms, write true',
  ],
  [
    'retail:backupPlan',
    { stage: 'prod', 'retail:backupPlan': false },
    'a protected stage needs backups, write true',
  ],
  [
    'retail:backupLockGraceDays',
    { 'retail:backupLockGraceDays': 3 },
    'locks a backup vault that does not exist',
  ],
  [
    'retail:backupMonthlyDays',
    { stage: 'prod', 'retail:backupDailyDays': 400 },
    'above retail:backupDailyDays',
  ],
  [
    'retail:backupCopyRegion',
    { stage: 'prod', 'retail:backupCopyRegion': 'eu-west-1' },
    'requires retail:backupPlan',
  ],
  [
    'retail:backupCopyRegion',
    { stage: 'prod', 'retail:region': 'eu-west-1', 'retail:backupCopyRegion': 'eu-west-1' },
    'a different retail:region',
  ],
  ['retail:alarmAcuPercent', { 'retail:databaseMinAcu': 4 }, 'below the share that the database always uses'],
  [
    'retail:budgetUsdPerMonth',
    { 'retail:budgetUsdPerMonth': 5 },
    'requires an address in retail:alarmEmails',
  ],
  [
    'retail:alarmEmails',
    { stage: 'prod', 'retail:alarmEmails': Array.from({ length: 11 }, (_, n) => `a${n}@example.com`).join() },
    'more addresses than the 10 that a budget can notify',
  ],
  [
    'retail:availabilityZones',
    { 'retail:region': 'eu-central-1', 'retail:availabilityZones': 'eu-central-1a,eu-west-1b' },
    'eu-west-1b, which is not in eu-central-1',
  ],
  ['retail:anomalyUsd', { 'retail:anomalyUsd': 5 }, 'requires an address in retail:alarmEmails'],
  [
    'retail:quicksightPrincipalArn',
    {
      'retail:region': 'mx-central-1',
      'retail:quicksightPrincipalArn': 'arn:aws:quicksight:us-east-1:123456789012:user/default/ann',
    },
    'requires a region with QuickSight',
  ],
  ['retail:region', { 'retail:region': 'eu-central-2' }, 'eu-central-2 has no Data API'],
  ['retail:region', { 'retail:region': 'us-gov-west-1' }, 'us-gov-west-1 has no Data API'],
  [
    'retail:anomalyUsd',
    { stage: 'prod', 'retail:region': 'eu-central-1', 'retail:anomalyUsd': 5 },
    'is possible in us-east-1 only',
  ],
  [
    'retail:anomalyUsd',
    { stage: 'prod', 'retail:anomalyUsd': 5 },
    'is possible in us-east-1 only: write retail:region = us-east-1',
  ],
  [
    'retail:quicksightRefreshTime',
    {
      'retail:quicksightImport': 'spice',
      'retail:quicksightPrincipalArn': 'arn:aws:quicksight:us-east-1:123456789012:user/default/ann',
    },
    'is missing',
  ],
  ['retail:quicksightRefreshTime', { 'retail:quicksightRefreshTime': '05:30' }, 'applies to SPICE only'],
])('%s is refused together with %j', (name, changes, message) => {
  const refused = () => read(changes);
  expect(refused).toThrow(name);
  expect(refused).toThrow(message);
});

describe('a stage without a region', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('is checked with the region of the credentials, which the CDK passes', () => {
    vi.stubEnv('CDK_DEFAULT_REGION', 'ca-west-1');
    expect(() => read({})).toThrow('retail:region: ca-west-1 has no Data API');
    vi.stubEnv('CDK_DEFAULT_REGION', 'us-east-1');
    expect(read({ stage: 'prod', 'retail:anomalyUsd': 5 })).toMatchObject({ anomalyUsd: 5 });
  });
});

test('a missing setting is named with its meaning', () => {
  const { 'retail:dateOrder': _, ...rest } = context;
  expect(() => readSettings(nodeWith(rest))).toThrow(
    'retail:dateOrder: missing; it is the order of day and month in dates with slashes',
  );
});

test('an unknown setting is refused with a list of the known ones', () => {
  expect(() => read({ 'retail:taxPercent': 7 })).toThrow(
    /retail:taxPercent: unknown; the settings are .*retail:taxes/,
  );
});

test.each([
  ['databaseMaxAcu', 'databaseMaxAcu: write retail:databaseMaxAcu'],
  ['Stage', 'Stage: write stage or retail:NAME'],
])('the context key %s, which nothing reads, is refused', (key, message) => {
  expect(() => read({ [key]: 'prod' })).toThrow(message);
});

test.each(['oslo,bergen', '["oslo","bergen"]'])('a list is read from the text %s', (stores) => {
  expect(read({ 'retail:stores': stores }).stores).toEqual(['oslo', 'bergen']);
});

test('the rules of a stage are those of cdk.json, for each store', () => {
  expect(rulesFor(readStageSettings('prod').rules, 'oslo')).toEqual(DEFAULT_RULES);
  expect(rulesFor(readStageSettings().rules, 'osol').isKnownStore).toBe(false);
});

test('rules may differ by store', () => {
  const { rules } = read({
    'retail:taxes': [
      { name: 'standard', percent: '20' },
      { name: 'reduced', percent: '5.5', stores: ['oslo'] },
    ],
    'retail:returns': { '*': 'accept', oslo: 'reject' },
    'retail:unknownStores': 'accept',
  });
  expect(rulesFor(rules, 'oslo')).toMatchObject({
    taxes: [
      { name: 'standard', percent: '20' },
      { name: 'reduced', percent: '5.5' },
    ],
    returns: 'reject',
  });
  expect(rulesFor(rules, 'main')).toMatchObject({
    taxes: [{ name: 'standard', percent: '20' }],
    returns: 'accept',
    isKnownStore: true,
  });
});
