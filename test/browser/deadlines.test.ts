import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import type { DaysAnswer } from '../../lambdas/core/api-answers.ts';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { CHROMIUM } from '../../tools/chromium.ts';
import { temporaryDir } from '../support/temporary-dir.ts';
import { csv, row } from './drop-files.ts';
import { describeConsole, findBarriers } from './running-console.ts';

/** The first Sunday, and the days after the week of the test. */
const CLOSED = [4, ...Array.from({ length: 24 }, (_, index) => index + 8)].map(
  (day) => `2025-05-${String(day).padStart(2, '0')}`,
);
const DEADLINES = [{ stores: ['main'], time: '10:00', timeZone: 'Europe/Oslo', closed: CLOSED }];
/** Files by the time of their arrival: 10:00 in Oslo is 08:00 in UTC. */
const ARRIVALS = [
  ['2025-05-02T08:00:00Z', csv(row(1))],
  ['2025-05-03T08:00:01Z', csv(row(2))],
  // In UTC it is the evening of the day before, which is closed.
  ['2025-05-04T22:30:00Z', csv(row(3), row(4, 'LEND'))],
  ['2025-05-06T07:00:00Z', 'id,category\n1,SELL\n'],
] as const;

const assemblyDir = join(temporaryDir(), 'assembly');
beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  const settings = { 'retail:stores': 'main', 'retail:deadlines': JSON.stringify(DEADLINES) };
  await synthesize(LOCAL_PROJECT, assemblyDir, settings);
});

describeConsole(
  'days with a deadline',
  (running) => {
    test('are complete, late, missing, closed, to correct or refused, and those that need attention come first', async () => {
      const { cloud } = running;
      const database = await cloud.connectAs('retail_migrator');
      for (const [index, [time, text]] of ARRIVALS.entries()) {
        const { uploadId } = await cloud.load(`incoming/store=main/retail_0${index + 1}_05_2025.csv`, text);
        await database.query('UPDATE ledger.uploads SET received_at = $2 WHERE upload_id = $1', [
          uploadId,
          time,
        ]);
      }
      await database.end();
      const page = await running.open({ hash: '#/days?month=2025-05', timezoneId: 'Pacific/Auckland' });
      const grid = page.getByRole('grid', { name: 'main, May 2025' });
      await grid.waitFor();
      const texts = await grid.getByRole('link').allTextContents();
      const shown = texts
        .slice(0, 7)
        .map((text) => /(\d+) May 2025, store main: ([a-z ]+)/.exec(text)?.slice(1));
      expect(shown).toEqual([
        ['1', 'missing'],
        ['2', 'complete'],
        ['3', 'late'],
        ['4', 'nothing arrived'],
        ['5', 'to correct'],
        ['6', 'refused'],
        ['7', 'missing'],
      ]);
      const states = await page.evaluate(async () => {
        const address = '../days?since=2025-05-01&until=2025-05-07&store=main';
        const { days } = (await (await fetch(address)).json()) as DaysAnswer;
        return days.map(({ state }) => state);
      });
      expect(states).toEqual(['missing', 'complete', 'late', 'none', 'rejects', 'failed', 'missing']);
      const urgent = await page.locator('.urgent a').allTextContents();
      expect(new Set(urgent.map((text) => /main: ([a-z ]+)/.exec(text)![1]))).toEqual(
        new Set(['missing', 'refused', 'to correct', 'late']),
      );
      expect(await findBarriers(page)).toEqual([]);
      await grid.getByRole('link', { name: /3 May 2025, store main: late/ }).click();
      await page.getByText('retail_02_05_2025.csv').waitFor();
      expect(await page.locator('.files-name').count()).toBe(1);
    });
  },
  { assemblyDir },
);
