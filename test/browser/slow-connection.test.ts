import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { cardOf, csv, dropFiles, idOf, row, send } from './drop-files.ts';
import { describeConsole } from './running-console.ts';

/** Holds requests back. @returns lets them go */
async function hold(page: Page, isHeld: (url: URL) => boolean): Promise<() => void> {
  let letGo = () => {};
  const going = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(isHeld, async (route) => {
    await going;
    // The page may have given it up.
    await route.fallback().catch(() => undefined);
  });
  return letGo;
}

/** A queue without messages. */
const NONE = { waiting: 0, inProgress: 0, deadLetters: 0 };

describeConsole('a slow connection', (running) => {
  const load = (name: string, ...rows: string[]) =>
    running.cloud.load(`incoming/store=main/${name}`, csv(...rows));

  test('a late answer about earlier files is not taken for one about the file that was sent', async () => {
    const name = 'retail_01_07_2025.csv';
    const page = await running.open({ hash: '#/files' });
    await running.isComplete(page);
    await page.getByRole('link', { name: 'Send', exact: true }).click();
    let asked = 0;
    const isFirst = (url: URL) => url.searchParams.get('name') === name && ++asked === 1;
    const letGo = await hold(page, isFirst);
    await dropFiles(page, [{ name, text: csv(row(1)) }]);
    const ended = page.waitForEvent('requestfailed', (request) => request.url().includes(name));
    await send(page, name);
    await cardOf(page, name).getByText('1 row: 1 new').waitFor();
    await ended;
    letGo();
    await page.getByRole('link', { name: 'Details' }).waitFor();
  });

  test('a status that a newer one has overtaken is not shown', async () => {
    let asked = 0;
    const page = await running.open({
      hash: '#/operations',
      prepare: async (page) => {
        await page.route('**/_local/database/stop', (route) => route.fulfill({ json: { isRunning: false } }));
        let letGo = () => {};
        const late = new Promise<void>((resolve) => {
          letGo = resolve;
        });
        await page.route('**/status', async (route) => {
          const waiting = ++asked;
          if (waiting === 3) await late;
          if (waiting === 6) letGo();
          const rows = { ...NONE, waiting };
          await route.fulfill({ json: { calls: NONE, uploads: NONE, rows } });
        });
      },
    });
    const tile = page.getByRole('list', { name: 'Queues' }).locator('li').last().locator('dd').first();
    await tile.evaluate((element) => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      const watcher = new MutationObserver(() => seen.push(element.textContent!));
      watcher.observe(element, { characterData: true, childList: true, subtree: true });
    });
    // The queues are asked for every second now.
    await page.getByRole('button', { name: 'Pull the plug' }).click();
    await expect.poll(async () => Number(await tile.textContent())).toBeGreaterThan(7);
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen.map(Number));
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  });

  test('the end of the session stays on the page when the answer to an earlier call comes', async () => {
    let asked = 0;
    let letGo = () => {};
    const late = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const page = await running.open({
      hash: '#/files',
      prepare: async (page) => {
        await page.clock.install();
        await page.route('**/status', async (route) => {
          if (++asked > 1) return route.fallback();
          await late;
          await route.fulfill({ json: { calls: NONE, uploads: NONE, rows: NONE } });
        });
      },
    });
    await expect.poll(() => asked).toBe(1);
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      const watcher = new MutationObserver((records) => {
        for (const node of records.flatMap(({ addedNodes }) => [...addedNodes]))
          if (node.textContent!.startsWith('Your session has ended.')) seen.push(node.textContent!);
      });
      watcher.observe(document.body, { childList: true, subtree: true });
    });
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Days' }).click();
    await page.getByText('Your session has ended.').waitFor();
    letGo();
    await expect
      .poll(async () => {
        await page.clock.runFor(15_000);
        return asked;
      })
      .toBeGreaterThan(1);
    await page.getByText('Your session has ended.').waitFor();
    expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen.length)).toBe(1);
  });

  test('what is typed into the search of files stays, and so does a filter that is chosen meanwhile', async () => {
    await load('shop retail_02_07_2025.csv', row(11, 'LEND'));
    const page = await running.open({ hash: '#/files' });
    const field = page.getByLabel('Name of the file');
    await field.evaluate((input: HTMLInputElement) => {
      input.value = 'shop ';
      input.dispatchEvent(new Event('input', { bubbles: true }));
      document.querySelector<HTMLElement>('nav[aria-label="Kind of files"] a[href*="open"]')!.click();
    });
    await expect.poll(() => page.url()).toMatch(/status=open.*name=shop$/);
    await page.locator('.files[aria-busy="false"]').getByText('shop retail_02_07_2025.csv').waitFor();
    await field.press('End');
    await field.pressSequentially('retail');
    await expect.poll(() => page.url()).toMatch(/name=shop\+retail$/);
  });

  test('an empty list says nothing about another question until that has an answer', async () => {
    await load('retail_03_07_2025.csv', row(21));
    const page = await running.open({ hash: '#/files?name=nothing' });
    const showFiles = await hold(
      page,
      ({ pathname, search }) => /\/uploads$/.test(pathname) && search === '',
    );
    await page.getByRole('link', { name: 'Show all files' }).click();
    await page.getByRole('status', { name: 'Loading' }).waitFor();
    expect(await page.getByText('No files yet').count()).toBe(0);
    showFiles();
    await page.getByText('retail_03_07_2025.csv').waitFor();

    await page.goto(`${running.address}#/numbers?since=2020-01-01&until=2020-01-02`);
    const isLatest = ({ pathname, searchParams }: URL) =>
      pathname.endsWith('/numbers/sold') && !searchParams.has('since');
    const showNumbers = await hold(page, isLatest);
    await page.getByRole('link', { name: 'Show the latest days' }).click();
    await page.getByRole('status', { name: 'Loading' }).first().waitFor();
    expect(await page.getByText('No numbers yet').count()).toBe(0);
    showNumbers();
    await page.getByRole('heading', { name: 'Sold by day and store' }).waitFor();
  });

  test('the pages of all stores are not added to those of a store that is chosen', async () => {
    const asked: URLSearchParams[] = [];
    const pageOf = (store: string, next?: string) => ({
      since: '2025-05-01',
      until: '2025-05-02',
      days: [{ day: '2025-05-01', store, transactions: 1, sold: '0.10', bought: '0.00' }],
      ...(next && { next }),
    });
    const page = await running.open({
      hash: '#/numbers',
      prepare: (page) =>
        page.route('**/numbers/sold*', async (route) => {
          const query = new URL(route.request().url()).searchParams;
          asked.push(query);
          // The answer about one store does not come.
          if (query.get('store') === 'main' && !query.has('after')) return;
          await route.fulfill({ json: query.has('after') ? pageOf('b') : pageOf('a', 'x') });
        }),
    });
    await page.getByText('0.20', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: /^Store/ }).selectOption('main');
    await expect.poll(() => asked.some((query) => query.get('store') === 'main')).toBe(true);
    await page
      .getByRole('region', { name: 'Sold by day and store' })
      .and(page.locator('[aria-busy="true"]'))
      .waitFor();
    expect(asked.filter((query) => query.get('store') === 'main' && query.has('after'))).toEqual([]);
    expect(await page.getByText('0.20', { exact: true }).count()).toBe(1);
  });

  test('a key that is pressed as soon as there is a table is written into the cell with the problem', async () => {
    const { uploadId } = await load('retail_04_07_2025.csv', row(31, 'LEND'));
    const page = await running.open({
      hash: `#/files/${uploadId}/fix`,
      prepare: (page) =>
        page.addInitScript(() => {
          const watcher = new MutationObserver(() => {
            const grid = document.querySelector<HTMLElement>('[role="grid"]');
            if (grid === null) return;
            watcher.disconnect();
            grid.focus();
            grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'S', bubbles: true, cancelable: true }));
          });
          watcher.observe(document, { childList: true, subtree: true });
        }),
    });
    await page.getByRole('grid').waitFor();
    await page.keyboard.type('ELL');
    await page.keyboard.press('Enter');
    await page.getByText('1 of 1 row corrected').waitFor();
  });

  test('a text stays in its row while corrections above it are loaded and leave the table', async () => {
    const ids = [41, 42, 43, 44];
    const { uploadId } = await load('retail_05_07_2025.csv', ...ids.map((id) => row(id, 'LEND')));
    const page = await running.open({ hash: `#/files/${uploadId}/fix` });
    const grid = page.getByRole('grid');
    await grid.focus();
    await page.keyboard.type('SELL');
    await page.keyboard.press('Enter');
    const letGo = await hold(page, ({ searchParams }) => /_corrected/.test(searchParams.get('name') ?? ''));
    await page.getByRole('button', { name: 'Send 1 correction' }).click();
    await page.getByText('1 correction was sent.').waitFor();
    await grid.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.type('BUY');
    await page.keyboard.press('Enter');
    await page.getByText('This row is being sent as it was.').waitFor();
    await page.keyboard.type('BU');
    letGo();
    await page.getByText('1 correction was loaded. 3 left.').waitFor();
    await page.keyboard.type('Y');
    await page.keyboard.press('Enter');
    await page.getByText('1 of 3 rows corrected').waitFor();
    const changed = grid.locator('tr', { has: page.locator('td.changed') });
    expect(await changed.getByRole('gridcell').allTextContents()).toContain(idOf(42));
  });

  test('a file that loads is followed after an answer that failed', async () => {
    const { uploadId } = await load('retail_07_07_2025.csv', row(61));
    const page = await running.open({
      // A change of the queues would be a reason to ask too.
      prepare: (page) =>
        page.route('**/status', (route) =>
          route.fulfill({ json: { calls: NONE, uploads: NONE, rows: NONE } }),
        ),
    });
    const upload = await page.evaluate(async (id) => (await fetch(`../uploads/${id}`)).json(), uploadId);
    let answers = 0;
    await page.route(`**/uploads/${uploadId}`, (route) => {
      answers += 1;
      if (answers > 2) return route.fallback();
      return answers === 2
        ? route.fulfill({ status: 500, headers: { 'retry-after': '1' }, json: {} })
        : route.fulfill({ json: { ...upload, status: 'loading' } });
    });
    await page.goto(`${running.address}#/files/${uploadId}`);
    await page.getByRole('heading', { name: 'Results of the rows' }).waitFor();
    expect(answers).toBe(3);
  });

  test('a message that was sent back leaves the list before the list is asked for again', async () => {
    const letter = {
      id: 'a',
      queue: 'rows',
      about: 'a batch',
      reason: 'unknown',
      since: '2025-07-01T00:00:00Z',
    };
    let asked = 0;
    const page = await running.open({
      hash: '#/operations',
      prepare: async (page) => {
        await page.route('**/dead-letters', async (route) => {
          // The second answer does not come.
          if (++asked > 1) return;
          await route.fulfill({ json: { queues: [{ queue: 'rows', count: 1, letters: [letter] }] } });
        });
        await page.route('**/dead-letters/rows/redrive', (route) =>
          route.fulfill({ json: { sent: [letter], hasMore: false } }),
        );
      },
    });
    await page.getByRole('button', { name: 'Send back: a batch' }).click();
    await page.getByRole('listitem').filter({ hasText: 'a batch' }).waitFor({ state: 'detached' });
    await page.getByText('One message was sent back.').waitFor();
  });

  test('rows that had not come when the person left a file come when they return, and after a lost connection', async () => {
    const { uploadId } = await load('retail_06_07_2025.csv', row(51, 'LEND'), row(52, 'LEND'));
    const isRejects = (url: URL) => url.pathname.endsWith('/rejects');
    const isSecond = (url: URL) => isRejects(url) && url.searchParams.get('after') !== '0';
    const page = await running.open({
      hash: `#/files/${uploadId}/fix`,
      prepare: async (page) => {
        await page.route(isRejects, (route) =>
          route.continue({ url: route.request().url().replace('limit=1000', 'limit=1') }),
        );
        await page.route(isSecond, (route) => route.abort('connectionreset'));
      },
    });
    await page.getByText('1 of 2 rows are here.').waitFor();
    await page.getByText('No connection. The page tries again automatically.').waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.type('SELL');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Details of the file' }).click();
    await page.unroute(isSecond);
    await page.getByRole('link', { name: 'Correct 2 rows' }).first().click();
    await page.getByText('1 of 2 rows corrected').waitFor();
  });
});
