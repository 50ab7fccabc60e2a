import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Request } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { createConsoleLink } from '../../cli/commands/console.ts';
import { cardOf, csv, dropFiles, row, send } from './drop-files.ts';
import {
  describeConsole,
  findBarriers,
  findOverflow,
  findShifts,
  NARROW,
  watchShifts,
} from './running-console.ts';

const SCREENS = [
  '#/',
  '#/files',
  '#/files/UPLOAD',
  '#/files/UPLOAD/fix',
  '#/numbers',
  '#/days',
  '#/operations',
];
const SAMPLE = new URL('../../samples/retail_16_03_2025.csv', import.meta.url);
/** Limit of the first view. */
const MAX_BYTES = 100_000;
const SETTLE_MILLISECONDS = 50;

describeConsole('the console', (running) => {
  let uploadId = '';
  beforeAll(async () => {
    const upload = await running.cloud.load(
      'incoming/store=main/retail_16_03_2025.csv',
      readFileSync(SAMPLE),
    );
    uploadId = upload.uploadId;
  });

  /** Records the paths of all requests from now on. */
  const recordRequests = (page: Page) => {
    const paths: string[] = [];
    page.on('request', (request) => paths.push(new URL(request.url()).pathname.replace(/^\/_api\/\w+/, '')));
    return paths;
  };

  test('shows its first view with few bytes in few requests, all to the same host', async () => {
    const requests: Request[] = [];
    const page = await running.open({
      prepare: async (page) => page.on('requestfinished', (request) => requests.push(request)),
    });
    await page.waitForLoadState('networkidle');
    const sizes = await Promise.all(requests.map((request) => request.sizes()));
    const bytes = sizes.map((size) => size.responseBodySize + size.responseHeadersSize);
    expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(MAX_BYTES);
    expect(bytes.length).toBeLessThanOrEqual(20);
  });

  test.each(SCREENS)('has no barriers, in light and in dark, wide and narrow: %s', async (screen) => {
    const hash = screen.replace('UPLOAD', uploadId);
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const viewport of [undefined, NARROW]) {
        const page = await running.open({ hash, colorScheme, ...(viewport && { viewport }) });
        await running.isComplete(page);
        expect(await findBarriers(page)).toEqual([]);
        expect(await findOverflow(page)).toBe(0);
        await page.context().close();
      }
    }
  });

  test.each(SCREENS)('moves nothing while it loads: %s', async (screen) => {
    const hash = screen.replace('UPLOAD', uploadId);
    for (const viewport of [undefined, NARROW]) {
      const page = await running.open({ hash, prepare: watchShifts, ...(viewport && { viewport }) });
      await running.isComplete(page);
      expect(await findShifts(page)).toEqual([]);
      await page.context().close();
    }
  });

  test('fits at 400 %, with text of twice the size, and on white paper', async () => {
    const page = await running.open({ colorScheme: 'dark', viewport: { width: 320, height: 256 } });
    const lookAt = async (screen: string) => {
      await page.goto(`${running.address}${screen.replace('UPLOAD', uploadId)}`);
      await running.isReady(page);
      await page.waitForLoadState('networkidle');
      return `${screen} ${await findOverflow(page)}`;
    };
    const setTextSize = (size: string) =>
      page.evaluate((given) => document.documentElement.style.setProperty('font-size', given), size);
    const fits = SCREENS.map((screen) => `${screen} 0`);
    const overflows = async (before: () => Promise<void> = async () => undefined) => {
      const found: string[] = [];
      for (const screen of SCREENS) {
        await before();
        found.push(await lookAt(screen));
      }
      return found;
    };
    expect(await overflows()).toEqual(fits);
    // The bar of the screens does not cover the element with the focus.
    expect(await page.locator('.navigation').evaluate((bar) => getComputedStyle(bar).position)).toBe(
      'static',
    );
    await page.setViewportSize(NARROW);
    expect(await overflows(() => setTextSize('200%'))).toEqual(fits);
    await setTextSize('');
    await page.setViewportSize({ width: 794, height: 1_123 });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await overflows()).toEqual(fits);
    const colours = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color];
    });
    expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(23, 33, 31)']);
    await page.locator('.navigation').waitFor({ state: 'hidden' });
  });

  test('can be used with the keyboard alone', async () => {
    const page = await running.open();
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.locator('.brand').focus();
    for (const name of ['Send', 'Files', 'Numbers', 'Days', 'Operations']) {
      await page.keyboard.press('Tab');
      expect(await focused()).toBe(name);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Operations' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    expect(await page.title()).toBe('Operations · Retail console');
    await page.goBack();
    await page.locator('[aria-current="page"]').getByText('Send', { exact: true }).waitFor();
  });

  test('asks only for the queues while it is idle, and for nothing while it is hidden', async () => {
    const page = await running.open({ hash: '#/files', prepare: (page) => page.clock.install() });
    await page.waitForLoadState('networkidle');
    // The clock of the page moves only by hand from here, once each answer has come.
    await page.clock.pauseAt(Date.now() + 60_000);
    const paths = recordRequests(page);
    // One that began before the clock stopped is not among them.
    const pending = new Set<Request>();
    page.on('request', (request) => pending.add(request));
    for (const end of ['requestfinished', 'requestfailed'] as const)
      page.on(end as 'requestfinished', (request) => pending.delete(request));
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        await page.clock.runFor(1_000);
        await sleep(SETTLE_MILLISECONDS);
        while (pending.size > 0) await sleep(SETTLE_MILLISECONDS);
      }
    };
    // The minute begins and ends between two questions.
    while (paths.length === 0) await pass(1);
    await pass(7);
    paths.length = 0;
    await pass(60);
    expect(paths).toEqual(Array(4).fill('/status'));
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    paths.length = 0;
    await page.clock.runFor(3_600_000);
    await page.waitForLoadState('networkidle');
    expect(paths).toEqual([]);
  });

  test('wakes no database for a file that is only checked, and asks for its result when it is sent', async () => {
    const page = await running.open();
    await page.waitForLoadState('networkidle');
    const paths = recordRequests(page);
    const name = 'retail_17_03_2025.csv';
    const files = [{ name, text: csv(row(1)) }];
    await dropFiles(page, files);
    await cardOf(page, name).getByText('1 row will load').waitFor();
    const isAsked = (path: string) => path !== '/status' && !path.startsWith('/console/');
    expect(paths.filter(isAsked)).toEqual(['/stores/main/rules']);
    await send(page, name);
    await cardOf(page, name).getByText('1 row: 1 new').waitFor();
    const sent = paths.filter((path) => /^\/(uploads|stores\/main\/uploads)$/.test(path));
    expect(sent.slice(0, 2)).toEqual(['/stores/main/uploads', '/uploads']);
    // The database is awake now.
    await page.getByRole('button', { name: `Hide ${name}` }).click();
    await dropFiles(page, files);
    await cardOf(page, name).getByText('A file of this name arrived on').waitFor();
  });

  test('tells a person who is not signed in how to do it', async () => {
    const page = await running.open({ isSignedIn: false });
    await page.getByText('npx retail console').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await running.signIn(page);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'Files' }).waitFor();
  });

  test('opens by the link that the command line prints', async () => {
    const page = await running.open({ isSignedIn: false });
    await page.goto(createConsoleLink(running.cloud.cloud.running)!);
    await running.isReady(page);
    expect(page.url()).toMatch(/\/console\/index\.html$/);
    expect(await page.getByRole('link', { name: 'Files' }).count()).toBe(1);
  });

  test('says which browsers it supports to one that is too old, and to one without scripts', async () => {
    const page = await running.open();
    const message = page.getByText('It needs JavaScript, and Chrome or Edge 123, Firefox 124, Safari 17.5');
    expect(await message.count()).toBe(0);
    await page.addInitScript(() => Reflect.deleteProperty(AbortSignal, 'any'));
    await page.reload();
    await message.waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.route('**/*.js', (route) => route.abort());
    await page.reload();
    await message.waitFor();
  });

  test('stays where it is when a file is dropped on another screen, and names the right one', async () => {
    const page = await running.open({ hash: '#/files' });
    const areKept = await page.evaluate(() =>
      ['dragover', 'drop'].map((type) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['id'], 'retail_01_01_2025.csv'));
        return !document.body.dispatchEvent(
          new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }),
        );
      }),
    );
    expect(areKept).toEqual([true, true]);
    await page.getByRole('alert').getByText('Drop files on the screen "Send".').waitFor();
  });

  test('keeps its screen when the session ends, and says so until the person has signed in again', async () => {
    const page = await running.open({ hash: '#/files', prepare: (page) => page.clock.install() });
    await page.context().clearCookies();
    await page.clock.runFor(15_000);
    await page.getByText('Your session has ended.').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Files');
    expect(await findBarriers(page)).toEqual([]);
    await running.signIn(page);
    await page.clock.runFor(15_000);
    await page.getByText('Your session has ended.').waitFor({ state: 'detached' });
  });

  test('shows a screen that the session ended before, after the person has signed in again', async () => {
    const page = await running.open({ hash: '#/files', prepare: (page) => page.clock.install() });
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Days' }).click();
    await page.getByRole('alert').getByText('Your session has ended.').waitFor();
    await page.getByRole('heading', { name: 'Days', level: 1 }).waitFor();
    expect(await page.getByText(/session has ended/).count()).toBe(1);
    expect(await findBarriers(page)).toEqual([]);
    await running.signIn(page);
    await page.clock.runFor(15_000);
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    expect(await page.getByText('Your session has ended.').count()).toBe(0);
  });
});
