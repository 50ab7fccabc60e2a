import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { createConsoleLink } from '../../cli/commands/console.ts';
import type { LocalCloudOptions } from '../../local/cloud-options.ts';
import { CHROMIUM } from '../../tools/chromium.ts';
import { TestCloud } from '../support/test-cloud.ts';
import { launchBrowser, PATIENCE_MILLISECONDS, slowPage } from './slow-browser.ts';

const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 360, height: 740 };

interface PageOptions extends BrowserContextOptions {
  /** Place in the console, such as `#/files`. @default the first screen */
  readonly hash?: string;
  /** @default true */
  readonly isSignedIn?: boolean;
  /** Prepares the page before anything is loaded. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** A local cloud and a browser with its console. */
export class RunningConsole {
  cloud!: TestCloud;
  /** Requests to other hosts, errors of scripts, and violations of the page's Content Security Policy. */
  problems: string[] = [];
  #browser!: Browser;

  async start(options: Partial<LocalCloudOptions> = {}): Promise<void> {
    const starts = [
      TestCloud.start(undefined, options).then((cloud) => {
        this.cloud = cloud;
      }),
      launchBrowser().then((browser) => {
        this.#browser = browser;
      }),
    ];
    // Wait for both: `stop` ends the one that has started if the other one fails.
    await Promise.allSettled(starts);
    await Promise.all(starts);
  }

  async stop(): Promise<void> {
    try {
      await this.#browser?.close();
    } finally {
      await this.cloud?.stop();
    }
  }

  /** Closes the pages of a test: each of them would go on asking during the next ones. */
  async closePages(): Promise<void> {
    for (const context of this.#browser.contexts()) {
      // Answers that a test holds back come too late.
      for (const page of context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    }
  }

  /** Address of the console, without a place in it. */
  get address(): string {
    return `${this.cloud.client.access.outputs.httpApiUrl}/console/index.html`;
  }

  /** Opens a page in a separate profile of the browser. It is closed after the test. */
  async open({ hash = '', isSignedIn = true, prepare, ...options }: PageOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: WIDE, locale: 'en-GB', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MILLISECONDS);
    await slowPage(page);
    const { origin } = new URL(this.address);
    await context.route(
      (url) => url.origin !== origin && !/^(data|blob):$/.test(url.protocol),
      async (route) => {
        this.problems.push(`a request to ${route.request().url()}`);
        await route.abort();
      },
    );
    page.on('pageerror', (error) => this.problems.push(`${error}`));
    page.on('response', (response) => {
      const isFile = new URL(response.url()).pathname.includes('/console/');
      if (isFile && response.status() >= 400) this.problems.push(`${response.status()} ${response.url()}`);
    });
    page.on('console', (message) => {
      const isExpected = /Failed to load resource/.test(message.text());
      if (message.type() === 'error' && !isExpected) this.problems.push(message.text());
    });
    await prepare?.(page);
    if (isSignedIn) await this.signIn(page);
    await page.goto(`${this.address}${hash}`);
    await this.isReady(page);
    return page;
  }

  /** Signs the browser of a page in. The page stays where it is. */
  async signIn(page: Page): Promise<void> {
    await page.context().request.get(createConsoleLink(this.cloud.cloud.running)!, { maxRedirects: 0 });
  }

  /** Waits until the page shows its screen. */
  async isReady(page: Page): Promise<void> {
    await page.locator('main[aria-busy="false"] h1').first().waitFor();
  }

  /** Waits until the page shows its screen with all of its data. */
  async isComplete(page: Page): Promise<void> {
    await page.waitForLoadState('networkidle');
    await page.locator('.skeleton, [aria-busy="true"]').first().waitFor({ state: 'detached' });
  }
}

/** Tests with one local cloud and one browser. They are skipped where no browser is found. */
export function describeConsole(
  name: string,
  tests: (running: RunningConsole) => void,
  options: Partial<LocalCloudOptions> = {},
): void {
  describe.skipIf(CHROMIUM === undefined)(name, () => {
    const running = new RunningConsole();
    beforeAll(() => running.start(options));
    afterAll(() => running.stop());
    afterEach(async () => {
      await running.closePages();
      const problems = running.problems.splice(0);
      expect(problems).toEqual([]);
    });
    tests(running);
  });
}

let axe: Promise<string> | undefined;

/** Finds what keeps people with a disability from using the page. @returns one line for each finding */
export async function findBarriers(page: Page): Promise<string[]> {
  axe ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(await axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    // A part that fades in has its final contrast only at the end.
    const moving = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(moving.map(({ finished }) => finished));
    const { violations } = await axe.run(document);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary.replace(/\s+/g, ' ')}`),
    );
  });
}

/** Tells how far the page is wider than its window, in pixels. */
export function findOverflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
}

/** Collects the shifts of the layout that no input caused. Called before a page is loaded. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as PerformanceEntry & {
          value: number;
          hadRecentInput: boolean;
          sources?: { node?: Element | null }[];
        };
        const moved = shift.sources?.map(({ node }) => node?.outerHTML?.slice(0, 80)).join(' | ');
        if (!shift.hadRecentInput) shifts.push(`${shift.value.toFixed(4)} ${moved}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

export function findShifts(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
}
