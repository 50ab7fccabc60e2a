import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { z } from 'zod';
import { CloudClient, type PutUpload } from '../../../cli/cloud-client.ts';
import { localAccess } from '../../../cli/local-access.ts';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { main } from '../../../cli/main.ts';
import { createIo } from '../../../cli/output/console.ts';
import { waitForUploads } from '../../../cli/wait-for-uploads.ts';
import { buildDecisionKey, type Decision } from '../../../lambdas/core/decision.ts';
import { PARSER_LIMITS } from '../../../lambdas/parse/environment.ts';
import type { Limits } from '../../../lambdas/shared/readings.ts';
import { RULES_FILE } from '../../../lambdas/shared/rules-file.ts';
import { parserRevision } from '../../../lib/pipeline/revision.ts';
import type { StoreProfile } from '../../../lib/settings/profiles.ts';
import { buildRulesDocument, RuleSettings } from '../../../lib/settings/rules.ts';
import { DataDirectory } from '../../../local/data-directory.ts';
import { LocalCloud } from '../../../local/local-cloud.ts';
import { queryRunning, SELECT_TRANSACTIONS } from '../../support/data-directory-view.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

/** Everything that the parser reads from the settings and the profiles. */
interface ParserSettings extends Required<z.infer<typeof RuleSettings>>, Limits {
  readonly stores: readonly string[];
  readonly profiles: readonly StoreProfile[];
}

const BEFORE: ParserSettings = {
  taxes: [{ name: 'standard', percent: '20' }],
  taxToleranceCents: 1,
  returns: { '*': 'accept' },
  dateOrder: 'mdy',
  unknownColumns: 'ignore',
  earliestDate: '1990-01-01',
  maxDaysAhead: 3_650,
  closeAfterDays: 3_650,
  unknownStores: 'accept',
  maxUnpackedMiB: 10,
  maxRejectedRows: 1_000,
  maxMessageBytes: 1_048_576,
  stores: ['main', 'munich'],
  profiles: [{ stores: ['main'], profile: { name: 'till', titles: { description: ['Zeug'] } } }],
};
const AFTER: ParserSettings = {
  taxes: [
    { name: 'standard', percent: '19' },
    { name: 'on tea', percent: '20', products: ['Tea'] },
  ],
  taxToleranceCents: 0,
  returns: { '*': 'reject' },
  dateOrder: 'dmy',
  unknownColumns: 'refuse',
  earliestDate: '2020-01-01',
  maxDaysAhead: 0,
  closeAfterDays: 0,
  unknownStores: 'refuse',
  maxUnpackedMiB: 1,
  maxRejectedRows: 1,
  maxMessageBytes: 20_000,
  stores: ['main'],
  profiles: [],
};

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const DATED = `${HEADER},transaction_date`;
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
let rows = 0;
const row = (rest: string) => `00000000-0000-4000-8000-${String(++rows).padStart(12, '0')},${rest}`;
const TEA = 'SELL,Tea,1,10.00,12.00';

/**
 * For each setting a file that another value of it reads in another way: the code that the second reading gives, the
 * store, and the lines.
 */
const FILES: Readonly<
  Record<keyof ParserSettings, readonly [code: string, store: string, ...lines: string[]]>
> = {
  taxes: ['tax-mismatch', 'main', HEADER, row('SELL,Soap,1,10.00,12.00')],
  taxToleranceCents: ['tax-mismatch', 'main', HEADER, row('SELL,Tea,1,10.00,12.01')],
  returns: ['return-not-allowed', 'main', HEADER, row('SELL,Tea,-1,-10.00,-12.00')],
  // The other date of the same row is in conflict.
  dateOrder: ['', 'main', DATED, row(`${TEA},03/04/2025`)],
  unknownColumns: ['column-unknown', 'main', `${HEADER},till`, row(`${TEA},3`)],
  earliestDate: ['date-implausible', 'main', DATED, row(`${TEA},2019-12-31`)],
  maxDaysAhead: ['date-implausible', 'main', DATED, row(`${TEA},${day(30)}`)],
  // The decision to retract it, which stays applied.
  closeAfterDays: ['', 'main', HEADER, row(TEA)],
  unknownStores: ['store-unknown', 'elsewhere', HEADER, row(TEA)],
  maxUnpackedMiB: ['file-too-large', 'main', HEADER, row(TEA), '\n'.repeat(1_048_577)],
  maxRejectedRows: ['too-many-rejected-rows', 'main', HEADER, row(TEA), 'x', 'x', row(TEA), row(TEA)],
  // Other batches have the same rows.
  maxMessageBytes: ['', 'main', HEADER, ...Array.from({ length: 500 }, () => row(TEA))],
  stores: ['store-unknown', 'munich', HEADER, row(TEA)],
  profiles: ['column-missing', 'main', HEADER.replace('description', 'Zeug'), row(TEA)],
};

const dir = temporaryDir();
const assemblyDir = join(dir, 'assembly');
const dataDir = join(dir, 'data');
let cloud: LocalCloud | undefined;
let client: CloudClient;
let previous = '';

/** Deploys other settings: the rules in the assets, and limits and revision in the template. */
async function deploy(settings: ParserSettings): Promise<void> {
  await stop();
  const document = buildRulesDocument(settings, settings.profiles);
  const { maxUnpackedMiB, maxRejectedRows, maxMessageBytes } = settings;
  const limits = { maxUnpackedMiB, maxRejectedRows, maxMessageBytes };
  for (const file of await readdir(assemblyDir, { recursive: true })) {
    if (file.endsWith(RULES_FILE)) await writeFile(join(assemblyDir, file), JSON.stringify(document));
  }
  const file = join(assemblyDir, 'RetailPipeline.template.json');
  let template = await readFile(file, 'utf8');
  previous ||= /"PARSER_REVISION": "(.+?)"/.exec(template)![1]!;
  const revision = parserRevision(document, limits);
  template = template.replaceAll(previous, revision);
  for (const [key, { name }] of Object.entries(PARSER_LIMITS)) {
    const value = limits[key as keyof Limits];
    template = template.replace(new RegExp(`"${name}": "\\d+"`), `"${name}": "${value}"`);
  }
  previous = revision;
  await writeFile(file, template);
  const directory = new DataDirectory(dataDir);
  cloud = await LocalCloud.start({
    project: LOCAL_PROJECT,
    directory,
    assemblyDir,
    onProblem: () => undefined,
  });
  client = new CloudClient(localAccess(cloud.running));
}

async function stop(): Promise<void> {
  client?.close();
  await cloud?.stop();
  cloud = undefined;
}

const nameOf = (setting: string) => `retail_15_01_2025_${setting}.csv`;
const DECISION_KEY = buildDecisionKey('retract', new Date(), '0123abcd');
const fileKeyOf = (setting: keyof ParserSettings) => `incoming/store=${FILES[setting][1]}/${nameOf(setting)}`;
/** Key of the object that another value of the setting reads in another way. */
const keyOf = (setting: keyof ParserSettings) =>
  setting === 'closeAfterDays' ? DECISION_KEY : fileKeyOf(setting);

async function put(name: string, key: string, text: string): Promise<PutUpload> {
  await writeFile(join(dir, name), text);
  return client.putFile(join(dir, name), key, () => undefined);
}

async function retail(...args: string[]) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const code = await main(args, {
    io: createIo({ print, note: print, showProgress: () => undefined }),
    parseFile: () => Promise.reject(new Error('not needed')),
    withCloud: (_options, work) => work(client),
  });
  return { code, output: printed.join('\n') };
}

/** The table, and what the ledger says of each reading. */
async function readState() {
  return {
    table: await queryRunning(dataDir, SELECT_TRANSACTIONS),
    uploads: await client.query(
      `SELECT upload_id AS "uploadId", object_key AS key, status, rows_inserted AS "rowsInserted",
         rows_conflicting AS "rowsConflicting", rows_rejected AS "rowsRejected", failure_code AS "failureCode",
         (SELECT coalesce(string_agg(DISTINCT r.code, ' '), '') FROM ledger.rejected_rows AS r
          WHERE r.upload_id = u.upload_id) AS "rejectCodes"
       FROM ledger.upload_history AS u ORDER BY upload_id`,
    ),
  };
}
type State = Awaited<ReturnType<typeof readState>>;
let first: State;
let second: State;

beforeAll(async () => {
  await cp(inject('assemblyDir'), assemblyDir, { recursive: true });
  await cp(inject('dataTemplateDir'), dataDir, { recursive: true });
  await deploy(BEFORE);
  const uploads: PutUpload[] = [];
  for (const [setting, [, , ...lines]] of Object.entries(FILES)) {
    uploads.push(await put(nameOf(setting), fileKeyOf(setting as keyof ParserSettings), lines.join('\n')));
  }
  await waitForUploads(client, uploads);
  const { key, versionId } = uploads.find((upload) => upload.key === fileKeyOf('closeAfterDays'))!;
  const decision: Decision = {
    version: 1,
    kind: 'retract',
    file: { key, versionId },
    reason: 'Dropped by mistake.',
    by: 'arn:aws:iam::000000000000:user/operator',
  };
  await waitForUploads(client, [await put('decision.json', DECISION_KEY, JSON.stringify(decision))]);
  first = await readState();
  await deploy(AFTER);
  for (const setting of Object.keys(FILES)) {
    await retail('replay', keyOf(setting as keyof ParserSettings));
  }
  second = await readState();
});
afterAll(stop);

describe('a change of every setting that the parser reads', () => {
  const settings = Object.keys(BEFORE) as (keyof ParserSettings)[];

  test('is what this file makes', () => {
    const known = [...Object.keys(RuleSettings.shape), ...Object.keys(PARSER_LIMITS), 'stores', 'profiles'];
    expect(settings.toSorted()).toEqual(known.toSorted());
    for (const setting of settings) expect(AFTER[setting], setting).not.toEqual(BEFORE[setting]);
  });

  test.each(settings)('reads the file for %s in another way', (setting) => {
    const readings = second.uploads.filter(({ key }) => key === keyOf(setting));
    const [before] = first.uploads.filter(({ key }) => key === keyOf(setting));
    expect(before).toMatchObject({ status: 'complete', failureCode: null });
    if (setting !== 'closeAfterDays') expect(before!.rowsInserted).toBeGreaterThan(0);
    const [after, ...others] = readings.filter(({ uploadId }) => uploadId !== before!.uploadId);
    expect(others).toEqual([]);
    expect(after!.failureCode ?? after!.rejectCodes).toBe(FILES[setting][0]);
    if (setting === 'dateOrder') expect(after!.rowsConflicting).toBe(1);
  });

  test('leaves the rows in the table', () => {
    expect(first.table.length).toBeGreaterThan(500);
    expect(second.table).toEqual(first.table);
  });

  test('gives the same table when the database is rebuilt from the bucket', async () => {
    await stop();
    await rm(join(dataDir, 'postgres'), { recursive: true });
    await deploy(AFTER);
    expect((await readState()).table).toEqual([]);
    const replayed = await retail('replay', '--all');
    expect(replayed.output).toContain(
      `${settings.length + 1} objects, read ${2 * settings.length + 1} times`,
    );
    expect(await readState()).toEqual(second);
    expect((await retail('verify')).code).toBe(0);
  });

  test('loses rows when the database is rebuilt by the current settings, of which verify warns', async () => {
    await stop();
    await rm(join(dataDir, 'postgres'), { recursive: true });
    await deploy(AFTER);
    await retail('replay', '--all', '--settings', 'current');
    expect((await readState()).table.length).toBeLessThan(first.table.length);
    expect((await retail('verify')).output).toContain('check whether the settings were changed');
  });
});
