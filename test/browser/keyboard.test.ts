import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { cardOf, csv, row } from './drop-files.ts';
import { describeConsole } from './running-console.ts';

const MAX_STOPS = 40;

/** Describes the element that has the focus. */
const findFocus = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    const name = element?.getAttribute('aria-label') ?? (element as HTMLElement | null)?.innerText ?? '';
    return `${element?.tagName.toLowerCase()} ${element?.tagName === 'MAIN' ? '' : name.replace(/\s+/g, ' ')}`.trim();
  });

/** Presses Tab until something of this name has the focus. Each stop on the way shows that it has it. */
async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const stops: string[] = [];
  while (stops.length < MAX_STOPS) {
    await page.keyboard.press(key);
    const focus = await findFocus(page);
    if (!focus.startsWith('body')) expect(await hasRing(page), focus).toBe(true);
    if (name.test(focus)) return;
    stops.push(focus);
  }
  throw new Error(`${MAX_STOPS} stops, and none is ${name}:\n${stops.join('\n')}`);
}

const hasRing = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement!;
    const hasOutline = (each: Element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(each);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
    };
    // A grid shows it at its cell, a date at its parts.
    const isDate = element.matches('input[type="date"]');
    return isDate || [element, ...element.querySelectorAll('.active')].some(hasOutline);
  });

async function choose(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  // The browser takes a moment to hand its dialogs over.
  const chooser = page.waitForEvent('filechooser');
  await tabTo(page, /^button Choose files$/);
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(
    Object.entries(files).map(([name, text]) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })),
  );
  for (const name of Object.keys(files)) await cardOf(page, name).getByText('will load').waitFor();
}

describeConsole('the keyboard alone', (running) => {
  test('sends a file, corrects it, and leads to its numbers, without losing the place', async () => {
    const name = 'retail_12_09_2025.csv';
    const page = await running.open();
    await tabTo(page, /^button Skip to the content$/);
    await page.keyboard.press('Enter');
    await choose(page, {
      [name]: csv(row(1, 'SELL', 'Key Tea'), row(2, 'LEND', 'Key Tea'), row(3, 'LEND', 'Key Tea')),
    });
    await tabTo(page, /^button Send$/);
    await page.keyboard.press('Enter');
    await cardOf(page, name).getByText('3 rows: 1 new, 2 to correct').waitFor();
    expect(await findFocus(page)).toBe(`article ${name}`);
    await tabTo(page, /^a Correct 2 rows$/);
    await page.keyboard.press('Enter');
    await page.getByRole('grid').waitFor();
    expect(await findFocus(page)).toBe('main');

    await tabTo(page, /^table Rows to correct$/);
    await page.keyboard.type('BAD');
    await page.keyboard.press('Escape');
    await page.keyboard.type('SELL');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'In 1 row with LEND' }).waitFor();
    await tabTo(page, /^button In 1 row with LEND/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByText('2 of 2 rows corrected').waitFor();
    expect(await findFocus(page)).not.toMatch(/^body/);
    await tabTo(page, /^button Undo$/);
    await page.keyboard.press('Space');
    await page.getByText('1 of 2 rows corrected').waitFor();
    await tabTo(page, /^table Rows to correct$/, 'Shift+Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('BUY');
    await page.keyboard.press('Enter');
    await tabTo(page, /^button Send 2 corrections$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '0 left' }).waitFor();
    expect(await findFocus(page)).not.toMatch(/^body/);
    await tabTo(page, /^a See it in Numbers$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Numbers' }).waitFor();
    expect(await findFocus(page)).toBe('main');
    await tabTo(page, /^button Show table/);
    await page.keyboard.press('Space');
    await page.getByRole('cell', { name: '1.20' }).first().waitFor();
  });

  test('hides a card, and continues at the next one', async () => {
    const page = await running.open();
    const names = ['retail_13_09_2025.csv', 'retail_14_09_2025.csv'];
    await choose(page, Object.fromEntries(names.map((name, index) => [name, csv(row(11 + index))])));
    await tabTo(page, /^button Remove retail_14/);
    await page.keyboard.press('Enter');
    expect(await findFocus(page)).toBe(`article ${names[0]}`);
    await tabTo(page, /^button Remove retail_13/);
    await page.keyboard.press('Space');
    expect(await findFocus(page)).toBe('main');
  });

  test('runs a check, and has its button again', async () => {
    const page = await running.open({ hash: '#/operations' });
    const ended = page.getByText(/The sweeper looked at/);
    await page.getByRole('button', { name: 'Run now: sweeper' }).waitFor();
    await tabTo(page, /^button Run now: sweeper$/);
    await page.keyboard.press('Enter');
    await ended.waitFor();
    await expect.poll(() => findFocus(page)).toBe('button Run now: sweeper');
  });
});
