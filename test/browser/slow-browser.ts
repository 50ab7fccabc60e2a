import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { vi } from 'vitest';
import { launchChromium } from '../../tools/chromium.ts';

/**
 * Slows the browser tests down on request, so that a test that reads before it waits fails each time, not once in a
 * hundred runs. RETAIL_BROWSER_DELAY holds each answer back for up to as many milliseconds, RETAIL_BROWSER_CPU divides the
 * speed of the page, RETAIL_BROWSER_FRAME is the time in milliseconds before the page does what it does after a frame, and
 * RETAIL_BROWSER_STEP is a pause in milliseconds before each step of a test.
 */
const read = (name: string) => Number(process.env[`RETAIL_BROWSER_${name}`] ?? 0);
const DELAY_MILLISECONDS = read('DELAY');
const CPU_FACTOR = read('CPU');
const FRAME_MILLISECONDS = read('FRAME');
const STEP_MILLISECONDS = read('STEP');
const IS_SLOW = DELAY_MILLISECONDS + CPU_FACTOR + FRAME_MILLISECONDS + STEP_MILLISECONDS > 0;
/** Time that a test waits for something on the page. */
export const PATIENCE_MILLISECONDS = IS_SLOW ? 120_000 : 30_000;
if (IS_SLOW) {
  const expect = { poll: { timeout: PATIENCE_MILLISECONDS } };
  vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000, expect });
}

export function launchBrowser(): Promise<Browser> {
  return launchChromium({ slowMo: STEP_MILLISECONDS });
}

/** Makes the answers, the frames and the processor of a page slow, if the tests run so. */
export async function slowPage(page: Page): Promise<void> {
  if (FRAME_MILLISECONDS > 0) await page.addInitScript(delayFrames, FRAME_MILLISECONDS);
  if (DELAY_MILLISECONDS + CPU_FACTOR === 0) return;
  const session = await page.context().newCDPSession(page);
  if (CPU_FACTOR > 0) await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_FACTOR });
  if (DELAY_MILLISECONDS === 0) return;
  // Answers overtake one another, as those of a bad connection do.
  session.on('Fetch.requestPaused', async ({ requestId }) => {
    await sleep(Math.random() * DELAY_MILLISECONDS);
    await session.send('Fetch.continueRequest', { requestId }).catch(() => undefined);
  });
  await session.send('Fetch.enable', { patterns: [{ requestStage: 'Response' }] });
}

/** Runs in the page. Until its effects have run, a part that is on the screen may not listen yet. */
function delayFrames(milliseconds: number): void {
  const wait = window.setTimeout.bind(window);
  const draw = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (work) => wait(() => draw(work), milliseconds);
  window.cancelAnimationFrame = (frame) => clearTimeout(frame);
  // Preact does not wait for a frame for longer than 35 milliseconds.
  const delay = (work: TimerHandler, time?: number, ...args: unknown[]) =>
    wait(work, time === 35 ? milliseconds : time, ...args);
  window.setTimeout = delay as typeof window.setTimeout;
}
