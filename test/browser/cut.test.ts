import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createConsoleLink } from '../../cli/commands/console.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { cardOf, csv, dropFiles, row, send } from './drop-files.ts';
import { describeConsole, findBarriers } from './running-console.ts';

const ROWS = 6_000;
/** A file of 2.5 megabytes. */
const longFile = (first: number) =>
  csv(
    ...Array.from({ length: ROWS }, (_, index) =>
      row(first + index, 'SELL', `Soap ${'of lavender '.repeat(25)}`),
    ),
  );

describeConsole('a connection that breaks while a file is sent', (running) => {
  const proxy = new CuttingProxy();
  let server = '';
  beforeAll(async () => {
    server = await proxy.start();
  });
  afterAll(() => proxy.stop());

  /** Opens a page that does not retry: a retry follows an answer about the queues. */
  const open = async () => {
    const prepare = (page: Page) => page.route('**/status', (route) => route.abort());
    const page = await running.open({ proxy: { server }, isSignedIn: false, prepare });
    await page.goto(createConsoleLink(running.cloud.cloud.running)!);
    await running.isReady(page);
    return page;
  };
  const isStored = async (name: string) =>
    (await running.cloud.keys(`incoming/store=main/${name}`)).length > 0;
  const transactions = async (day: string) =>
    (
      await running.cloud.rows<{ count: number }>(
        'SELECT count(*)::int FROM transactions WHERE transaction_date = $1',
        [day],
      )
    )[0]!.count;

  test('in the middle of its bytes: the card says so, and sends it again at a click, once', async () => {
    const name = 'retail_01_08_2025.csv';
    const page = await open();
    await dropFiles(page, [{ name, text: longFile(10_000) }]);
    const card = cardOf(page, name);
    await card.getByText('6,000 rows will load').waitFor();
    proxy.cut = 1_000_000;
    await send(page, name);
    await card.getByText('The connection was lost. The file is sent again').waitFor();
    expect([await isStored(name), await findBarriers(page)]).toEqual([false, []]);
    await page.screenshot({ path: 'coverage/cut.png' });
    proxy.cut = undefined;
    await card.getByRole('button', { name: 'Send again' }).click();
    await card.getByText('6,000 rows: 6,000 new').waitFor();
    expect(await transactions('2025-08-01')).toBe(ROWS);
  });

  test('before the answer to all of its bytes: it is sent again, and loads once', async () => {
    const name = 'retail_02_08_2025.csv';
    const page = await open();
    await dropFiles(page, [{ name, text: longFile(20_000) }]);
    const card = cardOf(page, name);
    await card.getByText('6,000 rows will load').waitFor();
    proxy.cut = 'answer';
    await send(page, name);
    await card.getByText('The connection was lost. The file is sent again').waitFor();
    // All of its rows are loaded, and then the file is sent again.
    await expect.poll(() => transactions('2025-08-02')).toBe(ROWS);
    proxy.cut = undefined;
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await card.getByText(/6,000 rows: .*already known/).waitFor();
    expect(await transactions('2025-08-02')).toBe(ROWS);
  });

  test('each time: the page stops to promise that it is sent', async () => {
    const name = 'retail_03_08_2025.csv';
    const page = await open();
    await dropFiles(page, [{ name, text: longFile(30_000) }]);
    const card = cardOf(page, name);
    await card.getByText('6,000 rows will load').waitFor();
    proxy.cut = 100_000;
    let failures = 0;
    page.on('requestfailed', (request) => request.method() === 'POST' && failures++);
    await send(page, name);
    for (let attempt = 1; attempt <= 6; attempt++) {
      await expect.poll(() => failures).toBeGreaterThanOrEqual(attempt);
      await card.getByText('The connection was lost. The file is sent again').waitFor();
      await page.evaluate(() => dispatchEvent(new Event('online')));
    }
    await card.getByText('The connection breaks again and again.').waitFor();
    expect([failures, await isStored(name)]).toEqual([6, false]);
    proxy.cut = undefined;
    await card.getByRole('button', { name: 'Send again' }).click();
    await card.getByText('6,000 rows: 6,000 new').waitFor();
  });
});
