import { expect, test } from 'vitest';
import { csv, idOf, row } from './drop-files.ts';
import { describeConsole, findBarriers, findOverflow, NARROW } from './running-console.ts';

describeConsole('correcting rejected rows', (running) => {
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
    await page.getByText('1 of 1 row corrected').waitFor();
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
