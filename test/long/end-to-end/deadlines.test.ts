import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { WEEKDAYS } from '../../../lambdas/core/deadlines.ts';
import { synthesize } from '../../../local/assembly/synthesize.ts';
import { ApiClient } from '../../../tools/api-client.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const CSV =
  'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n' +
  '00000000-0000-4000-8000-000000000001,SELL,Soap,1,1.00,1.20\n';
/** The deadline of today is at its beginning, and that of no other day is in the time that the verifier looks at. */
const today = new Date().toISOString().slice(0, 10);
const weekday = WEEKDAYS[(new Date(today).getUTCDay() + 6) % 7]!;
const deadline = { time: '00:00', timeZone: 'UTC', weekdays: [weekday] };

let cloud: TestCloud;
beforeAll(async () => {
  const assemblyDir = join(temporaryDir(), 'assembly');
  await synthesize(LOCAL_PROJECT, assemblyDir, {
    'retail:stores': 'main,oslo,bergen',
    'retail:deadlines': [
      { ...deadline, stores: ['main', 'oslo'] },
      { ...deadline, stores: ['bergen'], closed: [today] },
    ],
  });
  cloud = await TestCloud.start(assemblyDir);
});
afterAll(() => cloud?.stop());

async function logged(): Promise<Record<string, unknown>[]> {
  const lines = (await cloud.logs('verify')).filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}

/** Values of the metric of each store, in the order of the runs. */
async function metrics(): Promise<Record<string, unknown[]>> {
  const lines = (await logged()).filter((line) => 'MissingStoreDays' in line);
  const groups = Map.groupBy(lines, ({ Store }) => String(Store));
  return Object.fromEntries(
    [...groups].map(([store, all]) => [store, all.map((line) => line.MissingStoreDays)]),
  );
}

test('the deployed verifier finds the stores without a file by their deadline, until the file is there', async () => {
  await cloud.load('incoming/store=main/retail_15_03_2025.csv', CSV);
  const expected = `${today}T00:00:00.000Z`;
  const file = { store: 'oslo', day: today, expected };
  expect(await cloud.cloud.invoke('verify')).toMatchObject({ differences: [], missingFiles: [file] });
  await expect.poll(metrics).toEqual({ main: [0], oslo: [1], bergen: [0] });
  const [metric] = (await logged()).filter(({ Store }) => Store === 'oslo');
  expect(metric).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: 'RetailPipeline/dev', Dimensions: [['service', 'Store']] }] },
  });
  expect((await logged()).filter(({ level }) => level === 'WARN')).toMatchObject([
    { message: 'no file has arrived', ...file },
  ]);
  expect(JSON.parse(await cloud.object('checks/verify.json'))).toMatchObject({
    counts: { uploads: 1, rows: 1, differences: 0, stores: 3, missing: 1 },
    findings: [{ kind: 'missing', store: 'oslo', day: today, text: `no file has arrived by ${expected}` }],
  });
  using api = new ApiClient(() => cloud.cloud.running);
  const { text } = await api.request('GET', '/checks');
  expect(JSON.parse(text)).toMatchObject({
    verify: { everyMinutes: 1_440, isOverdue: false, last: { findings: [{ store: 'oslo', day: today }] } },
  });

  await cloud.load('incoming/store=oslo/retail_15_03_2025.csv', CSV);
  expect(await cloud.cloud.invoke('verify')).toMatchObject({ missingFiles: [] });
  await expect.poll(metrics).toEqual({ main: [0, 0], oslo: [1, 0], bergen: [0, 0] });
  expect(JSON.parse(await cloud.object('checks/verify.json'))).toMatchObject({
    counts: { uploads: 2, stores: 3, missing: 0 },
    findings: [],
  });
});
