import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { UploadsAnswer } from '../../lambdas/core/api-answers.ts';
import { runRetail } from '../support/run-retail.ts';
import { cardOf, csv, dropFiles, row, send } from './drop-files.ts';
import { describeConsole, findBarriers } from './running-console.ts';

const keyOf = (name: string) => `incoming/store=main/${name}`;

/** Makes what a page sends slow. @returns sets its bytes per second; -1 for the whole speed */
async function slowDown(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  return (uploadThroughput: number) =>
    session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
}

/** A file of some hundred kilobytes. */
const longFile = (first: number) =>
  csv(...Array.from({ length: 3_000 }, (_, index) => row(first + index, 'SELL', 'Soap of the long file')));

/** Writes into the first cell with a problem, and leaves it. */
async function correct(page: Page, value: string): Promise<void> {
  await page.getByRole('grid').focus();
  await page.keyboard.type(value);
  await page.keyboard.press('Enter');
}

describeConsole('flows', (running) => {
  const count = async (sql: string, values: unknown[]) =>
    (await running.cloud.rows<{ count: number }>(`SELECT count(*)::int ${sql}`, values))[0]!.count;
  /** Rows of the ledger for all uploads of a file, and whether they add up. */
  const account = async (name: string) => {
    const [sums] = await running.cloud.rows<Record<string, number>>(
      `SELECT count(*)::int AS uploads, sum(rows_read)::int AS read, sum(rows_inserted)::int AS inserted,
         sum(rows_duplicate)::int AS duplicate, sum(rows_conflicting)::int AS conflicting,
         sum(rows_rejected)::int AS rejected
       FROM ledger.uploads WHERE object_key = $1 AND status = 'complete'`,
      [keyOf(name)],
    );
    const { uploads, read, inserted, duplicate, conflicting, rejected } = sums!;
    expect(inserted! + duplicate! + conflicting! + rejected!).toBe(read);
    return { uploads, inserted, duplicate, conflicting, rejected };
  };

  test('a broken file ends with every row in one place, and its corrected rows in the numbers', async () => {
    const earlier = 'retail_02_06_2025_morning.csv';
    await running.cloud.load(keyOf(earlier), csv(row(1), row(2)));
    const page = await running.open();
    const name = 'retail_02_06_2025.csv';
    const lent = row(4, 'LEND', 'Flow Tea', '2');
    const text = csv(row(1), row(2, 'SELL', 'Other'), row(3), lent);
    await dropFiles(page, [{ name, text }]);
    await cardOf(page, name).getByText('3 of 4 rows will load, 1 to correct').waitFor();
    await send(page, name);
    await cardOf(page, name).getByRole('link', { name: 'Correct 1 row' }).click();
    await page.getByRole('grid').waitFor();
    await correct(page, 'SELL');
    await page.getByRole('button', { name: 'Send 1 correction' }).click();
    await page.getByRole('heading', { name: '0 left' }).waitFor();
    await page.getByRole('link', { name: 'Look at the file' }).click();
    await page.getByRole('table', { name: 'Results of the rows' }).getByText('Settled').waitFor();

    const uploads = await page.evaluate(async () => {
      const { uploads } = (await (await fetch('../uploads?name=retail_02_06_2025')).json()) as UploadsAnswer;
      return uploads.map(({ key, rows }) => ({ key, ...rows }));
    });
    const none = { duplicate: 0, conflicting: 0, rejected: 0, retracted: 0, replaced: 0, open: 0 };
    expect(uploads).toEqual([
      { ...none, key: keyOf('retail_02_06_2025_corrected.csv'), read: 1, inserted: 1 },
      { ...none, key: keyOf(name), read: 4, inserted: 1, duplicate: 1, conflicting: 1, rejected: 1 },
      { ...none, key: keyOf(earlier), read: 2, inserted: 2 },
    ]);
    const stored = await running.cloud.rows(
      "SELECT transaction_date::text AS day, quantity::text FROM transactions WHERE name = 'Flow Tea'",
    );
    expect(stored).toEqual([{ day: '2025-06-02', quantity: '2.000' }]);
    await page.goto(`${running.address}#/numbers?store=main&product=Flow+Tea`);
    const balance = page.getByRole('region', { name: 'Balance' });
    await balance.getByRole('button', { name: 'Show table' }).click();
    const cells = await balance.getByRole('table').locator('tbody td, tbody th').allTextContents();
    expect(cells.map((cell) => cell.trim())).toEqual(['2 Jun 2025', '1.20', '0.00', '1.20', '1.20']);
  });

  test('two tabs correct the same row: the second one learns that it is settled, and sends nothing', async () => {
    const name = 'retail_03_06_2025.csv';
    const { uploadId } = await running.cloud.load(keyOf(name), csv(row(11, 'LEND'), row(12, 'LOAN')));
    const pages = [
      await running.open({ hash: `#/files/${uploadId}/fix` }),
      await running.open({ hash: `#/files/${uploadId}/fix` }),
    ] as const;
    const [first, second] = pages;
    for (const page of pages) await correct(page, 'SELL');
    await first.getByRole('button', { name: 'Send 1 correction' }).click();
    await first.getByText('1 correction was loaded. 1 left.').waitFor();
    await correct(second, 'BUY');
    await second.getByRole('button', { name: 'Send 2 corrections' }).click();
    await second.getByText('One row is settled already').first().waitFor();
    await second.getByText('1 of 1 row corrected').waitFor();
    expect(await findBarriers(second)).toEqual([]);
    await second.getByRole('button', { name: 'Send 1 correction' }).click();
    await second.getByRole('heading', { name: '0 left' }).waitFor();
    await correct(first, 'SELL');
    await first.getByRole('button', { name: 'Send 1 correction' }).click();
    await first.getByRole('heading', { name: '0 left' }).waitFor();
    expect(await account('retail_03_06_2025_corrected.csv')).toMatchObject({ uploads: 2, inserted: 2 });
    const stored = await running.cloud.rows(
      "SELECT category FROM transactions WHERE transaction_date = '2025-06-03' ORDER BY id",
    );
    expect(stored).toEqual([{ category: 'SELL' }, { category: 'BUY' }]);
  });

  test('the same file from two tabs at once is in the table once', async () => {
    const name = 'retail_04_06_2025.csv';
    const pages = [await running.open(), await running.open()];
    for (const page of pages) {
      await dropFiles(page, [{ name, text: csv(row(21), row(22)) }]);
      await cardOf(page, name).getByText('2 rows will load').waitFor();
    }
    await Promise.all(pages.map((page) => send(page, name)));
    for (const page of pages)
      await cardOf(page, name)
        .getByText(/2 rows: 2 (new|already known)/)
        .waitFor();
    await expect
      .poll(() => account(name))
      .toEqual({ uploads: 2, inserted: 2, duplicate: 2, conflicting: 0, rejected: 0 });
    expect(await count("FROM transactions WHERE transaction_date = '2025-06-04'", [])).toBe(2);
  });

  test('two files of one name from two tabs at once: each tab shows its own result', async () => {
    const name = 'retail_11_06_2025.csv';
    let areLoaded = false;
    const pages = [await running.open(), await running.open()];
    for (const [index, page] of pages.entries()) {
      // Neither tab asks for the first file before both are loaded.
      await page.route(/\/uploads\?store=main$/, (route) =>
        areLoaded ? route.fallback() : route.fulfill({ json: { uploads: [] } }),
      );
      const rows = Array.from({ length: index + 1 }, (_, number) => row(60 + 10 * index + number));
      await dropFiles(page, [{ name, text: csv(...rows) }]);
      await cardOf(page, name)
        .getByText(`${index + 1} ${index === 0 ? 'row' : 'rows'} will load`)
        .waitFor();
    }
    await Promise.all(pages.map((page) => send(page, name)));
    await expect.poll(() => account(name)).toMatchObject({ uploads: 2, inserted: 3 });
    areLoaded = true;
    await cardOf(pages[0]!, name).getByText('1 row: 1 new').waitFor();
    await cardOf(pages[1]!, name).getByText('2 rows: 2 new').waitFor();
  });

  test('an upload is slow, the page is not: it is cancelled without a trace, and sent again', async () => {
    const name = 'retail_05_06_2025.csv';
    const page = await running.open();
    await dropFiles(page, [{ name, text: longFile(10_000) }]);
    const card = cardOf(page, name);
    await card.getByText('3,000 rows will load').waitFor();
    const setSpeed = await slowDown(page);
    // The file takes a minute: the slowest machine is at the button Cancel before that.
    await setSpeed(4_000);
    await send(page, name);
    const bar = card.getByRole('progressbar', { name: 'Sent' });
    const seen: number[] = [];
    await expect
      .poll(async () => {
        seen.push(Number(await bar.getAttribute('value')));
        return new Set(seen).size;
      })
      .toBeGreaterThan(3);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    await page.getByRole('link', { name: 'Operations' }).click();
    await page.getByRole('heading', { level: 1, name: 'Operations' }).waitFor();
    await page.goBack();
    const ended = page.waitForEvent('requestfailed', (request) => request.method() === 'POST');
    await card.getByRole('button', { name: 'Cancel' }).click();
    await card.getByText('Ready').waitFor();
    await ended;
    await setSpeed(-1);
    await page.waitForTimeout(500);
    expect(await running.cloud.keys(keyOf(name))).toEqual([]);
    expect(await count('FROM ledger.uploads WHERE object_key = $1', [keyOf(name)])).toBe(0);
    await send(page, name);
    await card.getByText('3,000 rows: 3,000 new').waitFor();
    expect(await account(name)).toMatchObject({ uploads: 1, inserted: 3_000 });
  });

  test('an upload whose connection is lost, which the browser does not notice, is sent when it is back', async () => {
    const name = 'retail_06_06_2025.csv';
    const page = await running.open();
    await dropFiles(page, [{ name, text: longFile(20_000) }]);
    const card = cardOf(page, name);
    await card.getByText('3,000 rows will load').waitFor();
    let isAway = true;
    await page.route('**/*', (route) =>
      isAway && route.request().method() === 'POST' && !route.request().url().includes('/_api/')
        ? route.abort('connectionreset')
        : route.fallback(),
    );
    await send(page, name);
    await card.getByText('The connection was lost. The file is sent again').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    isAway = false;
    // The page tries it again after the next answer about the queues.
    await card.getByText(/^(Sent|Loaded)$/).waitFor();
    await card.getByText('3,000 rows: 3,000 new').waitFor();
    expect(await account(name)).toMatchObject({ uploads: 1, inserted: 3_000 });
  });

  test('a call without an answer ends, and says so', async () => {
    const page = await running.open();
    await page.route('**/uploads', () => new Promise(() => undefined));
    await page.evaluate(() => {
      const wait = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (milliseconds) => wait(milliseconds / 35);
    });
    await page.getByRole('link', { name: 'Files' }).click();
    await page.getByText('The pipeline did not answer in time.').waitFor();
  });

  test('corrections outlive a lost connection, the end of the session, and a reload', async () => {
    const name = 'retail_07_06_2025.csv';
    const { uploadId } = await running.cloud.load(keyOf(name), csv(row(31, 'LEND'), row(32, 'LOAN')));
    const page = await running.open({ hash: `#/files/${uploadId}/fix` });
    await correct(page, 'SELL');
    const button = page.getByRole('button', { name: 'Send 1 correction' });
    await page.context().setOffline(true);
    await button.click();
    await page.getByText('The connection was lost. Your corrections stay here').waitFor();
    await page.context().setOffline(false);
    await page.context().clearCookies();
    await button.click();
    await page.getByText('Your session has ended. Your corrections stay here').waitFor();
    await page.getByText('npx retail console').waitFor();
    page.on('dialog', (dialog) => void dialog.accept());
    await running.signIn(page);
    await page.reload();
    await page.getByText('1 of 2 rows corrected').waitFor();
    await button.click();
    await page.getByText('1 correction was loaded. 1 left.').waitFor();
    await page.getByText('Your session has ended.').waitFor({ state: 'detached' });
    expect(await account('retail_07_06_2025_corrected.csv')).toMatchObject({ uploads: 1, inserted: 1 });
    await page.reload();
    await page.getByText('0 of 1 row corrected').waitFor();
  });

  test('corrections of a file stay while another file is corrected', async () => {
    const ids: string[] = [];
    for (const day of ['08', '09']) {
      const rows = csv(row(Number(`4${day}`), 'LEND'));
      ids.push((await running.cloud.load(keyOf(`retail_${day}_06_2025.csv`), rows)).uploadId);
    }
    const page = await running.open({ hash: `#/files/${ids[0]}/fix` });
    await correct(page, 'SELL');
    await page.goto(`${running.address}#/files/${ids[1]}/fix`);
    await page.getByText('0 of 1 row corrected').waitFor();
    await correct(page, 'SELL');
    await page.goto(`${running.address}#/files/${ids[0]}/fix`);
    await page.getByRole('heading', { name: /retail_08/ }).waitFor();
    await page.getByText('1 of 1 row corrected').waitFor();
  });

  test('rows that an operator waives, and a file that is taken out, are shown as that', async () => {
    const name = 'retail_10_06_2025.csv';
    const { uploadId } = await running.cloud.load(
      keyOf(name),
      csv(row(51), row(52, 'LEND'), row(53, 'LOAN')),
    );
    const decide = async (...args: string[]) => {
      const outcome = await runRetail(...args, uploadId, '--data-dir', running.cloud.dataDir);
      expect(outcome).toMatchObject({ code: 0 });
    };
    const page = await running.open({ hash: `#/files/${uploadId}` });
    await decide('waive', '--lines', '3', '--reason', 'a test sale');
    await page.reload();
    await page.getByText('1 to correct, 1 settled.', { exact: true }).waitFor();
    await page.getByText('Its rejected rows need no correction (lines 3)').waitFor();
    await page.getByText('a test sale').waitFor();
    await page.getByRole('link', { name: 'Correct 1 row' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await decide('retract', '--reason', 'sent twice');
    await page.reload();
    await page.getByText('The file was taken out').waitFor();
    const legend = page.getByRole('table', { name: 'Results of the rows' });
    await legend.getByText('Settled').waitFor();
    await legend.getByText('Taken out').waitFor();
    expect(await page.getByRole('link', { name: /^Correct/ }).count()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
    const [upload] = await running.cloud.rows(
      `SELECT rows_read::int AS read, rows_inserted::int AS inserted, rows_retracted::int AS retracted,
         rows_rejected::int AS rejected FROM ledger.upload_history WHERE upload_id = $1`,
      [uploadId],
    );
    expect(upload).toEqual({ read: 3, inserted: 0, retracted: 1, rejected: 2 });
    expect(await count("FROM transactions WHERE transaction_date = '2025-06-10'", [])).toBe(0);
  });
});
