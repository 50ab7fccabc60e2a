import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { CloudClient } from '../../../cli/cloud-client.ts';
import { localAccess } from '../../../cli/local-access.ts';
import { percentile, round } from '../numbers.ts';
import type { Percentiles, SmallFile } from '../results.ts';
import { fileNameOf, writeSample } from '../sample.ts';
import type { Setting } from '../setting.ts';
import { type CopyTime, copySmallFile, createCopyTable } from './copy-small-file.ts';
import { type LoadTime, loadSmallFile } from './load-small-file.ts';

/** As many rows as a day of the shop that this was made for. */
const ROWS = 54;
const WARM_UP_RUNS = 10;
const FIRST_SEED = 1_000;

/** How long one small file takes, and COPY of the same file just before: the median and the slow ones. */
export async function measureSmallFile(setting: Setting, runs: number): Promise<SmallFile> {
  // The first file of a cloud finds no function that is up.
  await setting.stopCloud();
  const cloud = await setting.cloud();
  const client = new CloudClient(localAccess(cloud.running));
  const database = new pg.Client({ connectionString: cloud.adminUrl });
  const loads: LoadTime[] = [];
  const copies: CopyTime[] = [];
  try {
    await database.connect();
    await createCopyTable(cloud.adminUrl);
    for (let run = 0; run < WARM_UP_RUNS + runs; run++) {
      const fileName = fileNameOf(run);
      const file = join(setting.dir, fileName);
      await writeSample(file, ROWS, FIRST_SEED + run);
      copies.push(await copySmallFile(cloud.adminUrl, file));
      loads.push(await loadSmallFile(client, database, file, fileName));
      await rm(file);
    }
  } finally {
    client.close();
    await database.end();
  }
  const of = <Time>(times: readonly Time[], value: (time: Time) => number) =>
    percentilesOf(times.slice(WARM_UP_RUNS).map(value));
  const pipeline = of(loads, ({ completeMilliseconds }) => completeMilliseconds);
  const copyWithConnection = of(copies, ({ withConnectionMilliseconds }) => withConnectionMilliseconds);
  return {
    ...setting.measured(),
    rows: ROWS,
    runs,
    pipeline,
    put: of(loads, ({ putMilliseconds }) => putMilliseconds),
    firstFileMilliseconds: round(loads[0]!.completeMilliseconds, 10),
    copyWithConnection,
    copyAlone: of(copies, ({ aloneMilliseconds }) => aloneMilliseconds),
    p50RatioToCopy: round(pipeline.p50Milliseconds / copyWithConnection.p50Milliseconds, 100),
    p95RatioToCopy: round(pipeline.p95Milliseconds / copyWithConnection.p95Milliseconds, 100),
  };
}

function percentilesOf(milliseconds: readonly number[]): Percentiles {
  return {
    p50Milliseconds: round(percentile(milliseconds, 0.5), 10),
    p95Milliseconds: round(percentile(milliseconds, 0.95), 10),
  };
}
