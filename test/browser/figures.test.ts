import { readdirSync, readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import {
  describeConsole,
  findBarriers,
  findOverflow,
  findShifts,
  NARROW,
  watchShifts,
} from './running-console.ts';

const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '=HYPERLINK("http://127.0.0.1/")',
  'Brot \u202egnitset\u202c',
];
const HOSTILE_FILE = '<img src=x onerror=alert(1)>_retail_17_03_2025.csv';
const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';

/** Writes an amount as the page does in English. */
const write = (amount: string) => Number(amount).toLocaleString('en-GB', { minimumFractionDigits: 2 });

/** Reads the cells of a table without its header. */
async function readTable(table: Locator): Promise<string[][]> {
  const rows = table.locator('tbody tr');
  await rows.first().waitFor();
  return rows.evaluateAll((all) =>
    all.map((row) => Array.from(row.children, (cell) => cell.textContent!.trim())),
  );
}

describeConsole('files and numbers', (running) => {
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    const { cloud } = running;
    for (const name of readdirSync('samples')) {
      const entry = await cloud.load(`incoming/store=main/${name}`, readFileSync(`samples/${name}`));
      ids[name] = entry.uploadId;
    }
    const rows = HOSTILE.map(
      (name, index) =>
        `0284f92e-54f7-4766-880d-2cc5a8993a0${index},SELL,"${name.replaceAll('"', '""')}",1,9000.00,10800.00`,
    );
    await cloud.load(`incoming/store=oslo/${HOSTILE_FILE}`, [HEADER, ...rows, ''].join('\n'));
    const refused = await cloud.load('incoming/store=main/retail_18_03_2025.csv', 'id,category\n1,SELL\n');
    ids.refused = refused.uploadId;
  });

  const section = (page: Page, name: string) => page.getByRole('region', { name });

  test('shows the numbers of the database', async () => {
    const { cloud } = running;
    const page = await running.open({ hash: '#/numbers?store=main' });
    const top = await cloud.rows<{ name: string; sold: string }>(
      `SELECT name, sum(amount_inc_tax) AS sold FROM transactions
       WHERE store_id = 'main' AND category = 'SELL' AND transaction_date > date '2025-03-16' - 31
       GROUP BY name ORDER BY sold DESC, name LIMIT 10`,
    );
    const bars = section(page, 'Top products').locator('.bars-row');
    await bars.first().waitFor();
    expect(
      await bars.evaluateAll((rows) =>
        rows.map((row) => [
          row.querySelector('bdi')!.textContent,
          row.querySelector('.bars-value')!.textContent,
        ]),
      ),
    ).toEqual(top.map(({ name, sold }) => [name, write(sold)]));

    const balance = section(page, 'Balance');
    await balance.getByRole('button', { name: 'Show table' }).click();
    const days = await cloud.rows<Record<'day' | 'sold' | 'bought' | 'balance' | 'cumulated', string>>(
      `SELECT d.*, sum(d.balance) OVER (ORDER BY d.day) AS cumulated FROM (
         SELECT transaction_date::text AS day,
           coalesce(sum(amount_inc_tax) FILTER (WHERE category = 'SELL'), 0.00) AS sold,
           coalesce(sum(amount_inc_tax) FILTER (WHERE category = 'BUY'), 0.00) AS bought,
           sum(CASE category WHEN 'SELL' THEN amount_inc_tax ELSE -amount_inc_tax END) AS balance
         FROM transactions WHERE store_id = 'main' AND name = $1 GROUP BY transaction_date) AS d ORDER BY day`,
      [top[0]!.name],
    );
    const day = (text: string) => `${Number(text.slice(8))} Mar 2025`;
    expect(await readTable(balance.getByRole('table'))).toEqual(
      days.map((row) => [day(row.day), ...[row.sold, row.bought, row.balance, row.cumulated].map(write)]),
    );

    const sold = section(page, 'Sold by day and store');
    await sold.getByRole('button', { name: 'Show table' }).click();
    const byDay = await cloud.rows<{ day: string; count: string; sold: string; bought: string }>(
      `SELECT transaction_date::text AS day, count(*),
         coalesce(sum(amount_inc_tax) FILTER (WHERE category = 'SELL'), 0.00) AS sold,
         coalesce(sum(amount_inc_tax) FILTER (WHERE category = 'BUY'), 0.00) AS bought
       FROM transactions WHERE store_id = 'main' GROUP BY transaction_date ORDER BY transaction_date`,
    );
    expect(await readTable(sold.getByRole('table'))).toEqual(
      byDay.map((row) => [day(row.day), 'main', row.count, write(row.sold), write(row.bought)]),
    );

    const rejected = section(page, 'Rejected rows by reason');
    await rejected.getByRole('button', { name: 'Show table' }).click();
    expect((await readTable(rejected.getByRole('table'))).map(([, ...numbers]) => numbers)).toEqual(
      Array(4).fill(['1', '1', '1']),
    );
  });

  test('leads from a bar to its transactions, and from each to the line of its file', async () => {
    const page = await running.open({ hash: '#/numbers?store=main' });
    const strip = page.getByRole('slider', { name: 'Sold in the store main' });
    await strip.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('End');
    const said = await strip.getAttribute('aria-valuetext');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Why this number?' }).waitFor();
    const number = await page.locator('.figures dd').first().textContent();
    expect(said).toBe(`Sunday, 16 March 2025: ${number}`);

    const link = page.getByRole('link', { name: /retail_16_03_2025\.csv, line \d+/ }).first();
    const line = Number(/line (\d+)/.exec((await link.textContent())!)![1]);
    await link.click();
    const [id, , , quantity] = readFileSync('samples/retail_16_03_2025.csv', 'utf8')
      .split('\n')
      [line - 1]!.split(/,(?=[^ ])/);
    const found = section(page, `Line ${line} of the file`);
    await found.getByText(id!, { exact: true }).waitFor();
    expect(await found.textContent()).toContain(quantity);

    await page.goBack();
    await page.getByRole('heading', { name: 'Why this number?' }).waitFor();
    await page.reload();
    await page.locator('.figures dd').first().waitFor();
    expect(await page.locator('.figures dd').first().textContent()).toBe(number);
    await page.goBack();
    await page.getByRole('heading', { name: 'Numbers' }).waitFor();
  });

  test('leads from a reason to its files, and in each to its rows', async () => {
    const page = await running.open({ hash: '#/numbers?store=main' });
    const reasons = section(page, 'Rejected rows by reason');
    await reasons.getByRole('link', { name: /^Quantity is not a valid number/ }).click();
    await page.getByText('retail_16_03_2025.csv').waitFor();
    expect(page.url()).toContain('code=quantity-invalid');
    expect(await page.locator('.files-name').count()).toBe(1);
    expect(await findBarriers(page)).toEqual([]);
    await page.getByText('retail_16_03_2025.csv').click();
    const chosen = page.locator('a[aria-current="true"]');
    await chosen.waitFor();
    expect(await chosen.textContent()).toContain('Quantity is not a valid number');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('link', { name: 'Correct 4 rows' }).click();
    await page.getByRole('button', { name: /^Quantity is not a valid number/, pressed: true }).waitFor();
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2');
    await page.goto(`${running.address}#/files?code=name-missing`);
    await page.getByText('No file matches').waitFor();
    await page.getByRole('link', { name: 'Show files with other problems too' }).click();
    await page.getByText('retail_history.csv').waitFor();
  });

  test.each(['Balance by day', 'Cumulated balance'])(
    'leads from a point to its transactions: %s',
    async (name) => {
      const page = await running.open({ hash: '#/numbers?store=main&product=Trail+Mix' });
      const chart = page.getByRole('slider', { name });
      await chart.waitFor();
      const box = (await chart.locator('.u-over').boundingBox())!;
      await page.mouse.move(box.x + box.width - 5, box.y + 9);
      await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^Sunday, 16 March 2025: /);
      await page.mouse.click(box.x + box.width - 5, box.y + 9);
      await page
        .getByText('Sales and purchases of Trail Mix in the store main on Sunday, 16 March 2025')
        .waitFor();
      const [balance] = await running.cloud.rows<{ sum: string }>(
        `SELECT sum(CASE category WHEN 'SELL' THEN amount_inc_tax ELSE -amount_inc_tax END) FROM transactions
       WHERE name = 'Trail Mix' AND transaction_date = '2025-03-16'`,
      );
      expect(await page.locator('.figures dd').first().textContent()).toBe(write(balance!.sum));
    },
  );

  test('keeps filters in the address, through a reload and Back', async () => {
    const page = await running.open({ hash: '#/files' });
    const names = () => page.locator('.files-name').allTextContents();
    await page.getByText('retail_history.csv').waitFor();
    expect(await names()).toHaveLength(5);
    await page.getByRole('link', { name: 'To correct', exact: true }).click();
    await expect.poll(names).toEqual(['retail_16_03_2025.csv']);
    await page.reload();
    await expect.poll(names).toEqual(['retail_16_03_2025.csv']);
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await page.getByLabel('Name of the file').fill('HISTORY');
    await expect.poll(names).toEqual(['retail_history.csv']);
    expect(page.url()).toContain('name=HISTORY');
    await page.getByLabel('Name of the file').fill('no such file');
    await page.getByText('No file matches').waitFor();
    await page.goBack();
    await expect.poll(names).toEqual(['retail_16_03_2025.csv']);
    await page.goBack();
    await expect.poll(async () => (await names()).length).toBe(5);
  });

  test('shows hostile names as text', async () => {
    const page = await running.open({ hash: '#/numbers?store=oslo' });
    const top = section(page, 'Top products');
    for (const name of HOSTILE) await top.getByText(name, { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      top.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const csv = readFileSync(await download.path(), 'utf8');
    expect(csv).toContain(`"'=HYPERLINK(""http://127.0.0.1/"")",1,10800.00,0.00,10800.00`);
    await page.goto(`${running.address}#/files?store=oslo`);
    await page.getByText(HOSTILE_FILE).click();
    await page.getByRole('heading', { level: 1, name: HOSTILE_FILE }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  });

  test('accounts for each row of a file, and gives the rejected ones as CSV', async () => {
    const { cloud } = running;
    const id = ids['retail_16_03_2025.csv']!;
    const page = await running.open({ hash: `#/files/${id}` });
    const legend = page.getByRole('table', { name: 'Results of the rows' });
    await legend.waitFor();
    const rows = await legend
      .locator('tr:has(td)')
      .evaluateAll((all) => all.map((row) => row.lastElementChild!.textContent));
    expect(rows).toEqual(['56', '4', '60']);
    await page.getByRole('link', { name: 'Correct 4 rows' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Rejected rows as CSV' }).click(),
    ]);
    const [key] = await cloud.keys('rejected/store=main/retail_16_03_2025');
    expect(readFileSync(await download.path(), 'utf8')).toBe(await cloud.object(key!));
  });

  test('follows a file while it loads', async () => {
    const id = ids['retail_15_03_2025.csv']!;
    let answers = 0;
    let isLoading = true;
    const rows = {
      read: 60,
      inserted: 60,
      duplicate: 0,
      conflicting: 0,
      rejected: 0,
      retracted: 0,
      replaced: 0,
    };
    const page = await running.open({
      hash: `#/files/${id}`,
      prepare: async (page) => {
        // A change of the queues would be a reason to ask too.
        const none = { waiting: 0, inProgress: 0, deadLetters: 0 };
        await page.route('**/status', (route) =>
          route.fulfill({ json: { calls: none, uploads: none, rows: none } }),
        );
        await page.route(`**/uploads/${id}`, (route) => {
          answers += 1;
          if (!isLoading) return route.continue();
          const upload = {
            uploadId: id,
            key: 'a.csv',
            store: 'main',
            status: 'loading',
            rows: { ...rows, open: 0 },
          };
          const lists = { corrects: [], correctedBy: [], decisions: [] };
          const times = {
            receivedAt: '2025-05-01T00:00:00Z',
            completedAt: null,
            firstDay: null,
            lastDay: null,
          };
          return route.fulfill({
            json: { ...upload, ...lists, ...times, format: null, failure: null, header: null },
          });
        });
      },
    });
    await page.getByRole('heading', { name: 'Loading: 60 rows so far' }).waitFor();
    await expect.poll(() => answers).toBeGreaterThan(3);
    isLoading = false;
    const asked = answers;
    await page.getByRole('heading', { name: 'Results of the rows' }).waitFor();
    expect(answers).toBe(asked + 1);
  });

  test('says why a file was refused, and what to do', async () => {
    const page = await running.open({ hash: `#/files/${ids.refused}` });
    await page.getByRole('heading', { name: 'The file was refused' }).waitFor();
    await page.getByText('Give each column its title in the first line').waitFor();
  });

  test.each(['America/Los_Angeles', 'Pacific/Auckland'])(
    'shows the days of the files in %s',
    async (timezoneId) => {
      const page = await running.open({ hash: `#/files/${ids['retail_history.csv']}`, timezoneId });
      await page.getByRole('link', { name: '1 Mar 2025 to 14 Mar 2025' }).click();
      await section(page, 'Balance').getByRole('button', { name: 'Show table' }).click();
      const [[first] = []] = await readTable(section(page, 'Balance').getByRole('table'));
      expect(first).toBe('1 Mar 2025');
      expect(await page.getByLabel('From').inputValue()).toBe('2025-03-01');
    },
  );

  test('finds a product with the keyboard', async () => {
    const page = await running.open({ hash: '#/numbers' });
    const field = page.getByRole('combobox', { name: 'Product' });
    await field.fill('trail');
    await page.getByRole('option', { name: 'Trail Mix' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Balance of Trail Mix' }).waitFor();
    expect(page.url()).toContain('product=Trail+Mix');
    await page.reload();
    await page.getByRole('heading', { name: 'Balance of Trail Mix' }).waitFor();
    expect(await field.inputValue()).toBe('Trail Mix');
  });

  test('adds up every page of what stores sold', async () => {
    const pageOf = (store: string, sold: string, next?: string) => ({
      since: '2025-05-01',
      until: '2025-05-02',
      days: [{ day: '2025-05-01', store, transactions: 1, sold, bought: '0.00' }],
      ...(next && { next }),
    });
    const page = await running.open({
      hash: '#/numbers',
      prepare: (page) =>
        page.route('**/numbers/sold*', (route) => {
          const isFirst = !route.request().url().includes('after=');
          return route.fulfill({ json: isFirst ? pageOf('a', '0.10', 'x') : pageOf('b', '0.20') });
        }),
    });
    await section(page, 'Sold by day and store').getByText('0.30', { exact: true }).waitFor();
    expect(await page.locator('.strip-value').allTextContents()).toEqual(['0.20', '0.10']);
  });

  test('waits for a database that is resuming', async () => {
    let answers = 0;
    let isPaused = true;
    const page = await running.open({
      hash: '#/files',
      prepare: (page) =>
        page.route('**/uploads', (route) => {
          if (!isPaused) return route.continue();
          answers += 1;
          return route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: {} });
        }),
    });
    await page.getByText('The database is resuming').waitFor();
    await expect.poll(() => answers).toBeGreaterThan(1);
    isPaused = false;
    await page.getByText('retail_history.csv').waitFor();
    expect(await page.getByText('The database is resuming').count()).toBe(0);
  });

  test.each([
    '#/files',
    '#/numbers',
    '#/numbers?why=all&day=2025-03-16&store=main',
    '#/files/retail_16_03_2025.csv?line=2',
    '#/files/refused',
  ])('has no barriers and moves nothing: %s', async (place) => {
    const hash = place.replace(/(?<=files\/)[^?]+/, (name) => ids[name]!);
    for (const look of [
      { colorScheme: 'light' as const },
      { colorScheme: 'dark' as const, viewport: NARROW },
    ]) {
      const page = await running.open({ hash, prepare: watchShifts, ...look });
      await running.isComplete(page);
      expect(await findBarriers(page)).toEqual([]);
      expect(await findOverflow(page)).toBe(0);
      expect(await findShifts(page)).toEqual([]);
      await page.context().close();
    }
  });
});
