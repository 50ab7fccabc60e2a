import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { actAtOnce, readSeen } from './act-at-once.ts';
import { csv, row } from './drop-files.ts';
import { describeConsole } from './running-console.ts';

/** Goes to another place, as Back does. */
const goTo = (page: Page, hash: string) =>
  page.evaluate((place) => {
    location.hash = place;
  }, hash);

/** Counts requests for a path. */
function count(page: Page, path: string): () => number {
  let asked = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.endsWith(path)) asked += 1;
  });
  return () => asked;
}

describeConsole('in the first moment', (running) => {
  const load = (name: string, ...rows: string[]) =>
    running.cloud.load(`incoming/store=main/${name}`, csv(...rows));

  test('a person who comes back finds out whether they are signed in', async () => {
    let asked = () => 0;
    const page = await running.open({
      isSignedIn: false,
      prepare: async (page) => {
        asked = count(page, '/session');
        await actAtOnce(
          page,
          () => document.querySelector('.gate') !== null,
          () => void document.dispatchEvent(new Event('visibilitychange')),
        );
      },
    });
    await expect.poll(asked).toBe(2);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('a person whose session has ended, and who comes back signed in, goes on', async () => {
    let isOut = false;
    let sessions = () => 0;
    const page = await running.open({
      hash: '#/files',
      prepare: async (page) => {
        await page.clock.install();
        sessions = count(page, '/session');
        await page.route('**/status', async (route) => {
          if (!isOut) return route.fallback();
          // Later answers do not come: they would tell who the person is too.
          if (sessions() === 1) await route.fulfill({ status: 401, json: {} });
        });
      },
    });
    const isShown = () => document.querySelector('main .notice[role="alert"]') !== null;
    await actAtOnce(page, isShown, () => {
      Object.assign(window, { seen: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    isOut = true;
    await expect
      .poll(async () => {
        await page.clock.runFor(15_000);
        return readSeen(page);
      })
      .toBe(true);
    await page.getByText('Your session has ended.').waitFor({ state: 'detached' });
  });

  test('a key that is pressed on a chart moves to its point', async () => {
    await load('retail_01_07_2025.csv', row(1));
    const page = await running.open({
      hash: '#/numbers',
      prepare: (page) =>
        actAtOnce(
          page,
          () => document.querySelector('.strip') !== null,
          () => {
            const strip = document.querySelector<HTMLElement>('.strip')!;
            strip.focus();
            strip.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }));
          },
        ),
    });
    await page.getByRole('slider', { name: 'Sold in the store main' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Sales in the store main on Tuesday, 1 July 2025').waitFor();
  });

  test('a click on a chart whose days have changed opens none of the days before', async () => {
    await load('retail_02_07_2025.csv', row(2));
    await load('retail_03_07_2025.csv', row(3));
    await running.cloud.load('incoming/store=oslo/retail_02_07_2025.csv', csv(row(13)));
    const hashOf = (store: string) =>
      `#/numbers?product=Soap&since=2025-07-02&until=2025-07-03&store=${store}`;
    const page = await running.open({ hash: hashOf('main') });
    const chart = page.getByRole('slider', { name: 'Balance by day' });
    const over = chart.locator('.u-over');
    const box = (await over.boundingBox())!;
    await over.hover({ position: { x: box.width - 5, y: 9 } });
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^Thursday, 3 July 2025: /);
    await page.mouse.down();
    await actAtOnce(
      page,
      () => document.querySelector('.figures')?.textContent?.includes('until 2 Jul 2025') === true,
      () => document.querySelector<HTMLElement>('.u-over')!.click(),
    );
    await goTo(page, hashOf('oslo'));
    await page.getByText('Total until 2 Jul 2025').waitFor();
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/^Wednesday, 2 July 2025: /);
    expect(page.url()).toContain(hashOf('oslo'));
  });

  test('what is typed after Back stays', async () => {
    const page = await running.open({ hash: '#/files?name=one' });
    const field = page.getByLabel('Name of the file');
    await actAtOnce(
      page,
      () => document.querySelector('a[aria-current="page"][href*="status=open"]') !== null,
      () => {
        const input = document.querySelector<HTMLInputElement>('input[type="search"]')!;
        input.value += ' more';
        input.dispatchEvent(new Event('input', { bubbles: true }));
      },
    );
    await goTo(page, '#/files?status=open&name=two');
    await expect.poll(() => page.url()).toMatch(/name=two\+more$/);
    expect(await field.inputValue()).toBe('two more');
  });

  test('an answer about the checks that a newer one has overtaken is not shown', async () => {
    let asked = 0;
    let letGo = () => {};
    const late = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const page = await running.open({
      hash: '#/operations',
      prepare: (page) =>
        page.route('**/checks', async (route) => {
          const check = { everyMinutes: 60 * ++asked };
          if (asked === 1) await late;
          await route.fulfill({ json: { sweep: check, verify: check } });
        }),
    });
    const look = page.getByRole('button', { name: 'Look again' });
    await look.click();
    const next = page.locator('.checks .check-text + p').first();
    await expect.poll(() => next.textContent()).toBe('It runs every 2 hours.');
    await next.evaluate((element) => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      const watcher = new MutationObserver(() => seen.push(element.textContent!));
      watcher.observe(element, { characterData: true, childList: true, subtree: true });
    });
    const ended = page.waitForResponse(/\/checks$/);
    letGo();
    await ended;
    await look.click();
    await expect.poll(() => next.textContent()).toBe('It runs every 3 hours.');
    expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual([
      'It runs every 3 hours.',
    ]);
  });
});
