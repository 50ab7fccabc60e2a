import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RejectedEntry, RejectsAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { HEADER, idOf, row } from './drop-files.ts';
import { describeConsole } from './running-console.ts';

const MANY = 100_000;
/** Rows that were corrected before a reload, after the first ten. */
const KEPT = 40_000;
/** The page is drawn as often as this, or more often on a slow machine, while it works on many rows. */
const MIN_DRAWN = 5;

/** Answers for an upload with many rejected rows, which the ledger does not have. */
async function pretendMany(page: Page, uploadId: string): Promise<void> {
  const entryOf = (index: number): RejectedEntry => ({
    line: index + 2,
    field: 'category',
    code: 'category-unknown',
    message: 'The category "LEND" is not SELL or BUY.',
    text: row(index, 'LEND'),
    isCut: false,
    state: 'open',
    correctedBy: null,
    firstFile: uploadId,
    firstLine: index + 2,
  });
  const none = { inserted: 0, duplicate: 0, conflicting: 0, retracted: 0, replaced: 0 };
  const time = '2025-04-01T10:00:00.000Z';
  const answer: UploadAnswer = {
    uploadId,
    fileId: uploadId,
    store: 'main',
    key: 'incoming/store=main/retail_01_04_2025.csv',
    versionId: 'v1',
    status: 'complete',
    rows: { ...none, read: MANY, rejected: MANY, open: MANY },
    failure: null,
    firstDay: null,
    lastDay: null,
    receivedAt: time,
    movedAt: time,
    completedAt: time,
    header: HEADER,
    format: { encoding: 'UTF-8', lineTerminator: 'LF', delimiter: ',', quote: '"' },
    parserRevision: 'r1',
    corrects: [],
    correctedBy: [],
    decisions: [],
  };
  await page.route(`**/uploads/${uploadId}`, (route) => route.fulfill({ json: answer }));
  await page.route(`**/uploads/${uploadId}/rejects?*`, (route) => {
    const query = new URL(route.request().url()).searchParams;
    // The line before the page.
    const first = Math.max(0, Number(query.get('after')) - 1);
    const count = Math.min(Number(query.get('limit')), MANY - first);
    const rejects = Array.from({ length: count }, (_, index) => entryOf(first + index));
    const isLast = first + count === MANY;
    const page: RejectsAnswer = { rejects, ...(!isLast && { next: first + count + 1 }) };
    return route.fulfill({ json: page });
  });
}

/** Keeps corrections in the tab, as a page does that is reloaded. */
async function keepCorrections(page: Page, uploadId: string): Promise<void> {
  const kept = Array.from({ length: KEPT }, (_, index) => {
    const number = 10 + index;
    return [uploadId, number + 2, row(number).split(',')];
  });
  await page.addInitScript(
    (text) => sessionStorage.setItem('retail-corrections', text),
    JSON.stringify({ [uploadId]: kept }),
  );
}

/** Counts how often the page is drawn while it says that it checks corrections, and does not send them. */
async function countDrawn(page: Page, work: () => Promise<void>): Promise<number> {
  const drawn = await page.evaluateHandle(() => {
    const drawn = { times: 0 };
    const count = () => {
      const bar = document.querySelector('.fix-bar');
      const isChecking = bar?.textContent.includes('Checking your corrections') === true;
      if (isChecking && bar.querySelector('button.primary:disabled') !== null) drawn.times += 1;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    return drawn;
  });
  await work();
  return drawn.evaluate(({ times }) => times);
}

describeConsole('correcting many rejected rows', (running) => {
  test('100,000 rows are a window of a few: the keys move through all, and one correction is applied to all', async () => {
    const uploadId = idOf(1);
    const page = await running.open({
      hash: `#/files/${uploadId}/fix`,
      prepare: async (page) => {
        await pretendMany(page, uploadId);
        await keepCorrections(page, uploadId);
      },
    });
    const grid = page.getByRole('grid');
    await grid.waitFor();
    // The test waits as long as rows come, however slow the machine is.
    const readProgress = () => page.getByText('You can begin.').allTextContents();
    for (let read = await readProgress(); read.length > 0; read = await readProgress())
      await expect.poll(readProgress).not.toEqual(read);
    expect(await grid.getAttribute('aria-rowcount')).toBe(String(MANY + 1));
    await grid.focus();
    for (const [keys, line] of [
      ['Control+End', '100,001'],
      ['PageUp', '99,991'],
      ['Control+Home', '2'],
    ] as const) {
      await page.keyboard.press(keys);
      await page
        .locator('tr', { has: page.locator('td.active') })
        .getByText(line, { exact: true })
        .waitFor();
      // The titles stay above the rows, also that of the column that stays at the side.
      const title = await page.getByRole('columnheader', { name: 'Line' }).boundingBox();
      const [x, y] = [title!.x + title!.width / 2, title!.y + title!.height / 2];
      expect(await page.evaluate(([x, y]) => document.elementFromPoint(x!, y!)?.textContent, [x, y])).toBe(
        'Line',
      );
      expect(await grid.locator('tr').count()).toBeLessThan(60);
    }
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type('SELL');
    await page.keyboard.press('Enter');
    const offer = page.getByRole('button', { name: 'In 59,999 rows with LEND' });
    await offer.waitFor();
    const drawn = await countDrawn(page, async () => {
      await offer.click();
      // The cell below, while the rows change or are judged.
      await grid.press('X');
      await page.keyboard.press('Enter');
      await page.getByText('99,999 of 100,000 rows corrected').waitFor();
    });
    expect(drawn).toBeGreaterThanOrEqual(MIN_DRAWN);
    const again = await countDrawn(page, async () => {
      // The first row of the file of corrections shows other decimals: every row is judged in another format.
      for (const key of ['Control+Home', 'PageDown', 'End']) await page.keyboard.press(key);
      await page.keyboard.type('1,30');
      await page.keyboard.press('Enter');
      await page.getByText('99,998 of 100,000 rows corrected').waitFor();
      await page.keyboard.press('Control+z');
      await page.getByText('99,999 of 100,000 rows corrected').waitFor();
    });
    expect(again).toBeGreaterThanOrEqual(MIN_DRAWN);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('100,000 of 100,000 rows corrected').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('40,001 of 100,000 rows corrected').waitFor();
    expect(await grid.locator('tr').count()).toBeLessThan(60);
  });
});
