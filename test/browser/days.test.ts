import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  describeConsole,
  findBarriers,
  findOverflow,
  findShifts,
  NARROW,
  watchShifts,
} from './running-console.ts';

describeConsole('days', (running) => {
  test('shows which days arrived, and opens their files with the keyboard', async () => {
    const { cloud } = running;
    for (const name of ['retail_15_03_2025.csv', 'retail_16_03_2025.csv']) {
      await cloud.load(`incoming/store=main/${name}`, readFileSync(`samples/${name}`));
    }
    await cloud.load('incoming/store=main/retail_18_03_2025.csv', 'id,category\n1,SELL\n');
    const moved = [
      ['%/retail_15_03_2025.csv', '2025-05-02T08:00:00Z'],
      ['%/retail_16_03_2025.csv', '2025-05-03T23:59:00Z'],
      ['%/retail_18_03_2025.csv', '2025-05-05T00:00:00Z'],
    ];
    const database = await cloud.connectAs('retail_migrator');
    for (const [name, time] of moved) {
      await database.query('UPDATE ledger.uploads SET received_at = $2 WHERE object_key LIKE $1', [
        name,
        time,
      ]);
    }
    await database.end();
    const page = await running.open({ hash: '#/days?month=2025-05', timezoneId: 'Pacific/Auckland' });
    const main = page.getByRole('grid', { name: 'main, May 2025' });
    await main.waitFor();
    const days = await main.getByRole('link').allTextContents();
    expect(days.filter((text) => !text.includes('nothing arrived'))).toEqual([
      expect.stringMatching(/^Friday, 2 May 2025, store main: complete, 1 file, 60 rows/),
      expect.stringMatching(/^Saturday, 3 May 2025, store main: to correct, 1 file, 60 rows, 4 to correct/),
      expect.stringMatching(/^Monday, 5 May 2025, store main: refused, 1 file, 1 refused/),
    ]);
    await main.getByRole('link').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toMatch(/#\/files\?store=main&day=2025-05-02$/);
    await page.getByText('retail_15_03_2025.csv').waitFor();
    expect(await page.locator('.files-name').count()).toBe(1);
  });

  test('shows a store that only the ledger knows, and lets a person choose it afterwards', async () => {
    // The rows of the second store are duplicates: the numbers do not name it.
    for (const store of ['main', 'pop-up']) {
      const key = `incoming/store=${store}/first.csv`;
      await running.cloud.load(key, readFileSync('samples/retail_15_03_2025.csv'));
    }
    const page = await running.open({ hash: '#/numbers' });
    const choices = page.locator('.store-select option');
    await expect.poll(() => choices.allTextContents()).toEqual(['All stores', 'main']);
    await page.getByRole('link', { name: 'Days' }).click();
    await page
      .getByRole('grid', { name: /^Stores, / })
      .getByText('pop-up', { exact: true })
      .waitFor();
    await expect.poll(() => choices.allTextContents()).toEqual(['All stores', 'main', 'pop-up']);
    await page.getByRole('link', { name: 'Numbers' }).click();
    await page.getByRole('heading', { name: 'Numbers' }).waitFor();
    await expect.poll(() => choices.allTextContents()).toEqual(['All stores', 'main', 'pop-up']);
  });

  test('tells every state of a day with a word and an icon', async () => {
    const states = ['complete', 'late', 'rejects', 'failed', 'missing', 'none'];
    const days = states.map((state, index) => ({
      store: 'main',
      day: `2025-05-0${index + 1}`,
      state,
      uploads: 1,
      loading: 0,
      failed: 0,
      rows: 1,
      rejected: 0,
      open: 0,
      firstArrival: null,
      expected: null,
    }));
    const page = await running.open({
      hash: '#/days?month=2025-05',
      prepare: (page) =>
        page.route('**/days?*', (route) =>
          route.fulfill({ json: { since: '2025-05-01', until: '2025-05-31', days } }),
        ),
    });
    await page.getByRole('grid').waitFor();
    const icons = await page
      .locator('.day:not(.day-none) path')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
    expect(new Set(icons).size).toBe(5);
    const words = await page.locator('.urgent a').allTextContents();
    expect(words.map((text) => /main: ([\w ]+),/.exec(text)![1])).toEqual([
      'missing',
      'refused',
      'to correct',
      'late',
    ]);
    expect(await findBarriers(page)).toEqual([]);
  });

  test('shows several stores as rows of one table, with today visible on a narrow screen', async () => {
    const today = '2025-05-30';
    const days = ['main', 'oslo'].map((store) => ({
      store,
      day: today,
      state: store === 'main' ? 'complete' : 'missing',
      uploads: 1,
      loading: 0,
      failed: 0,
      rows: 1,
      rejected: 0,
      open: 0,
      firstArrival: null,
      expected: null,
    }));
    const page = await running.open({
      hash: '#/days',
      viewport: NARROW,
      timezoneId: 'UTC',
      prepare: async (page) => {
        await page.clock.setFixedTime(`${today}T23:59:59Z`);
        await page.route('**/days?*', (route) => {
          const query = new URL(route.request().url()).searchParams;
          return route.fulfill({ json: { since: query.get('since'), until: query.get('until'), days } });
        });
      },
    });
    const grid = page.getByRole('grid', { name: 'Stores, May 2025' });
    await expect.poll(() => grid.getByRole('row').count()).toBe(3);
    const cells = grid.locator('[aria-current="date"]');
    expect(await cells.allTextContents()).toEqual([
      expect.stringContaining('store main: complete'),
      expect.stringContaining('store oslo: missing'),
    ]);
    await expect
      .poll(async () => {
        const place = await cells.last().boundingBox();
        return place!.x + place!.width;
      })
      .toBeLessThanOrEqual(NARROW.width);
    expect(await findBarriers(page)).toEqual([]);
    expect(await findOverflow(page)).toBe(0);
  });

  test('has no barriers and moves nothing', async () => {
    for (const look of [
      { colorScheme: 'light' as const },
      { colorScheme: 'dark' as const, viewport: NARROW },
    ]) {
      const page = await running.open({ hash: '#/days?month=2025-05', prepare: watchShifts, ...look });
      await running.isComplete(page);
      expect(await findBarriers(page)).toEqual([]);
      expect(await findOverflow(page)).toBe(0);
      expect(await findShifts(page)).toEqual([]);
      await page.context().close();
    }
  });
});
