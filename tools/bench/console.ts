import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page, Request } from 'playwright-core';
import { createConsoleLink } from '../../cli/commands/console.ts';
import { launchChromium } from '../chromium.ts';
import { startCloud } from './cloud.ts';
import type { BenchContext } from './context.ts';
import { buildFileName, writeSample } from './files.ts';
import { median, round, sum } from './numbers.ts';
import { parseMessages } from './requests.ts';

const VISITS = 10;
const CHECKS = 3;
const TIMEOUT_MILLISECONDS = 300_000;

/**
 * Measures in Chromium the time from the address until the page can be used, next to a small file of the same server,
 * and the rows that the page checks in a second, next to the same parser in Node.js.
 */
export async function measureConsole(context: BenchContext, rows: number) {
  await using cloud = await startCloud(join(context.dir, 'data'), context.assemblyDir);
  const address = `${cloud.client.access.outputs.httpApiUrl}/console/index.html`;
  const signIn = () => createConsoleLink(cloud.running)!;
  const file = join(context.dir, buildFileName('checked'));
  await writeSample(file, rows, 1);
  const browser = await launchChromium();
  try {
    // The first page of a browser also starts its processes.
    await visit(browser, signIn(), address);
    const visits: Visit[] = [];
    for (let index = 0; index < VISITS; index++) visits.push(await visit(browser, signIn(), address));
    const inPage: number[] = [];
    const inNode: number[] = [];
    for (let index = 0; index < CHECKS; index++) {
      inPage.push(await timeCheck(browser, signIn(), address, file));
      inNode.push(await timeParser(file));
    }
    const of = (value: (visit: Visit) => number) => round(median(visits.map(value)), 10);
    return {
      ...context.measured,
      rows,
      smallFileMilliseconds: of(({ smallFile }) => smallFile),
      firstVisitMilliseconds: of(({ first }) => first),
      nextVisitMilliseconds: of(({ next }) => next),
      firstVisitBytes: of(({ bytes }) => bytes),
      rowsPerSecondInPage: Math.round(rows / median(inPage)),
      rowsPerSecondInNode: Math.round(rows / median(inNode)),
    };
  } finally {
    await browser.close();
  }
}

interface Visit {
  readonly smallFile: number;
  readonly first: number;
  readonly next: number;
  readonly bytes: number;
}

/** Opens the page in a new profile of the browser, and again. @returns milliseconds, and bytes of the first time */
async function visit(browser: Browser, link: string, address: string): Promise<Visit> {
  await using context = await browser.newContext();
  await context.request.get(link, { maxRedirects: 0 });
  const page = await context.newPage();
  const smallFile = await time(() => page.goto(new URL('config.json', address).href));
  const requests: Request[] = [];
  page.on('requestfinished', (request) => requests.push(request));
  const first = await time(() => openPage(page, address));
  await page.waitForLoadState('networkidle');
  const sizes = await Promise.all(requests.map((request) => request.sizes()));
  const bytes = sum(sizes.map((size) => size.responseBodySize + size.responseHeadersSize));
  const next = await time(async () => {
    await page.reload({ waitUntil: 'commit' });
    await isUsable(page);
  });
  return { smallFile, first, next, bytes };
}

async function openPage(page: Page, address: string): Promise<void> {
  await page.goto(address, { waitUntil: 'commit' });
  await isUsable(page);
}

/** Waits until a person can choose files: the session and the stores are known. */
async function isUsable(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('button')].some(
      (button) => button.textContent === 'Choose files' && !button.disabled,
    ),
  );
}

/** Lets the page check a file, as before it is sent. @returns seconds from the choice of the file to the verdict */
async function timeCheck(browser: Browser, link: string, address: string, file: string): Promise<number> {
  await using context = await browser.newContext();
  await context.request.get(link, { maxRedirects: 0 });
  const page = await context.newPage();
  await openPage(page, address);
  const milliseconds = await time(async () => {
    await page.getByLabel('Files', { exact: true }).setInputFiles(file);
    await page.locator('.verdict').waitFor({ timeout: TIMEOUT_MILLISECONDS });
  });
  return milliseconds / 1_000;
}

/** @returns seconds */
async function timeParser(file: string): Promise<number> {
  const milliseconds = await time(async () => {
    for await (const _message of parseMessages(createReadStream(file, { highWaterMark: 1_048_576 }))) {
      // The page keeps no messages either.
    }
  });
  return milliseconds / 1_000;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
