import type { Page } from 'playwright-core';

/**
 * Acts in the moment in which the page draws something, before the next frame. Both functions run in the page, and use
 * nothing from outside.
 */
export async function actAtOnce(page: Page, isThere: () => boolean, act: () => void): Promise<void> {
  const content = `
    new MutationObserver((_, watcher) => {
      if (!(${isThere})()) return;
      watcher.disconnect();
      (${act})();
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });`;
  await page.addInitScript({ content });
  if (page.url() !== 'about:blank') await page.evaluate(content);
}

/** Reads what a function in the page has kept. */
export const readSeen = (page: Page) => page.evaluate(() => (window as unknown as { seen?: unknown }).seen);
