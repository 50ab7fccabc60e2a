import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RejectedEntry, RejectsAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { csv, HEADER, idOf, row } from './drop-files.ts';
import { describeConsole, findBarriers, findOverflow, NARROW } from './running-console.ts';

const MANY = 100_000;

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

describeConsole('correcting rejected rows', (running) => {
  test('100,000 rows are a window of a few: the keys move through all, and one correction is applied to all', async () => {
    const uploadId = idOf(1);
    const page = await running.open({
      hash: `#/files/${uploadId}/fix`,
      prepare: (page) => pretendMany(page, uploadId),
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
    await page.getByRole('button', { name: 'In 99,999 rows with LEND' }).click();
    await page
      .getByRole('button', { name: 'Send 100,000 corrections' })
      .and(page.locator(':enabled'))
      .waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('1 of 100,000 rows corrected').waitFor();
    expect(await grid.locator('tr').count()).toBeLessThan(60);
  });

  test('on a touch screen, a tap on a cell opens it, and its letters are not so small that the page is enlarged', async () => {
    const key = 'incoming/store=main/retail_03_04_2025.csv';
    const { uploadId } = await running.cloud.load(key, csv(row(21, 'LEND'), row(22, 'LOAN')));
    const page = await running.open({
      hash: `#/files/${uploadId}/fix`,
      viewport: NARROW,
      hasTouch: true,
      isMobile: true,
    });
    for (const value of ['LEND', 'LOAN']) {
      await page.locator('td', { hasText: value }).tap();
      const field = page.locator('td input');
      expect(await field.evaluate((input) => Number.parseFloat(getComputedStyle(input).fontSize))).toBe(16);
      await field.fill('SELL');
    }
    await page.getByRole('grid').press('Enter');
    await page.getByText('2 of 2 rows corrected').waitFor();
    expect(await findOverflow(page)).toBe(0);
  });

  test('a few rows take no more room than they need: columns, message and buttons are visible', async () => {
    const key = 'incoming/store=main/retail_04_04_2025.csv';
    const bad = Array.from({ length: 4 }, (_, index) =>
      row(31 + index, 'LEND', 'Sparkling Water 6 x 1.5 l still'),
    );
    const { uploadId } = await running.cloud.load(key, csv(...bad));
    const page = await running.open({
      hash: `#/files/${uploadId}/fix`,
      viewport: { width: 1280, height: 800 },
    });
    const boxOf = async (selector: string) => (await page.locator(selector).boundingBox())!;
    await page.getByRole('grid').waitFor();
    const [table, box] = [await boxOf('.fix-box table'), await boxOf('.fix-box')];
    expect(table.width).toBeLessThanOrEqual(box.width);
    expect(box.height - table.height).toBeLessThan(20);
    const [message, bar] = [await boxOf('.fix-explanation'), await boxOf('.fix-bar')];
    expect(message.y + message.height).toBeLessThanOrEqual(bar.y);
    expect(bar.y + bar.height).toBeLessThanOrEqual(800);
  });

  test('the keyboard alone changes cells: write, take back, leave as it was, filter, and send', async () => {
    const key = 'incoming/store=main/retail_02_04_2025.csv';
    const { uploadId } = await running.cloud.load(
      key,
      csv(row(11, 'LEND'), row(12, 'LOAN'), row(13, 'SELL', 'Tea', 'x')),
    );
    const page = await running.open({ hash: `#/files/${uploadId}/fix` });
    const grid = page.getByRole('grid');
    await grid.focus();
    const active = () => page.locator('td.active').textContent();
    const press = async (...keys: string[]) => {
      for (const each of keys) await page.keyboard.press(each);
    };
    await press('Home');
    expect(await active()).toBe(idOf(11));
    await press('ArrowRight', 'Enter');
    await page.keyboard.type('BUY');
    await press('Escape');
    expect(await active()).toBe('LEND');
    await page.keyboard.type('BUY');
    await press('Tab');
    expect(await active()).toBe('Soap');
    await page.getByText('1 of 3 rows corrected').waitFor();
    await press('Control+z');
    await page.getByText('0 of 3 rows corrected').waitFor();
    await press('ArrowLeft', 'Delete');
    expect(await active()).toBe('');
    await page.getByText('The category is empty, not SELL or BUY.').waitFor();
    await page.keyboard.type('SELL');
    await press('Enter');
    await page.keyboard.type('SELL');
    await press('Enter', 'Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('.fix-bar') !== null)).toBe(true);
    await page.getByRole('button', { name: 'Send 2 corrections' }).press('Enter');
    await page.getByText('2 corrections were loaded. 1 left.').waitFor();
    await page.getByRole('button', { name: /^Done/ }).press('Enter');
    await page.getByRole('cell', { name: 'Category is not SELL or BUY' }).first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
  });

  test('corrections stay while the person looks at another screen', async () => {
    const key = 'incoming/store=main/retail_03_04_2025.csv';
    const { uploadId } = await running.cloud.load(key, csv(row(21, 'LEND'), row(22)));
    const page = await running.open({ hash: `#/files/${uploadId}/fix` });
    await page.getByRole('grid').focus();
    await page.keyboard.type('SELL');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Details of the file' }).click();
    await page.getByRole('link', { name: 'Correct 1 row' }).first().click();
    await page.getByText('1 of 1 rows corrected').waitFor();
  });

  test('conflicts show both versions with their places, and the command that decides', async () => {
    await running.cloud.load('incoming/store=main/retail_04_04_2025.csv', csv(row(31), row(32)));
    const { uploadId } = await running.cloud.load(
      'incoming/store=main/retail_04_04_2025_b.csv',
      csv(row(31), row(32, 'SELL', '<b>Tea</b>')),
    );
    const page = await running.open({ hash: `#/files/${uploadId}/fix?tab=conflicts` });
    await page.getByText(`retail restate ${uploadId}`).waitFor();
    const [here, kept] = await page.locator('table tbody tr').allTextContents();
    expect(here).toContain('In this file, line 3');
    expect(here).toContain('<b>Tea</b>');
    expect(kept).toContain('retail_04_04_2025.csv, line 3');
    expect(await page.locator('mark').allTextContents()).toEqual(['<b>Tea</b>', 'Soap']);
    expect(await findBarriers(page)).toEqual([]);
    expect(await findOverflow(page)).toBe(0);
  });

  test('the page waits for a database that resumes', async () => {
    const { uploadId } = await running.cloud.load(
      'incoming/store=main/retail_05_04_2025.csv',
      csv(row(41, 'LEND')),
    );
    let isPaused = true;
    const page = await running.open({
      hash: `#/files/${uploadId}`,
      prepare: (page) =>
        page.route(`**/uploads/${uploadId}/rejects?*`, (route) =>
          isPaused
            ? route.fulfill({ status: 503, headers: { 'retry-after': '1' }, body: '{}' })
            : route.fallback(),
        ),
    });
    await page.goto(`${running.address}#/files/${uploadId}/fix`);
    await page.getByText('The database is resuming.').waitFor();
    isPaused = false;
    await page.getByRole('grid').waitFor();
  });
});
