import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { makeZip } from '../../tools/make-zip.ts';
import { cardOf, csv, dropFiles, HEADER, row } from './drop-files.ts';
import { describeConsole, findBarriers, findOverflow, NARROW } from './running-console.ts';

const QUESTION = 'Which day are these sales from?';
const dayOf = (card: Locator) => card.getByLabel(QUESTION);
const sendButton = (card: Locator) => card.getByRole('button', { name: 'Send', exact: true });

/** Chooses the day of a file, and waits for the verdict on it under its new name. */
async function choose(card: Locator, day: string, name: string): Promise<void> {
  await dayOf(card).fill(day);
  await card.getByText(`The file is sent as ${name}.`).waitFor();
  await sendButton(card).waitFor();
}

const isCovered = (target: Locator) =>
  target.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2) !== element;
  });

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const hasFocus = () => target.evaluate((element) => element === document.activeElement);
  for (let stops = 0; !(await hasFocus()); stops++) {
    expect(stops).toBeLessThan(40);
    await page.keyboard.press('Tab');
  }
}

describeConsole('files without a date', (running) => {
  const datesOf = (description: string) =>
    running.cloud.rows(
      `SELECT transaction_date::text AS date, count(*)::int AS rows FROM transactions
       WHERE name = $1 GROUP BY 1 ORDER BY 1`,
      [description],
    );
  const keys = async (prefix = '') =>
    (await running.cloud.keys('incoming/store=main/')).filter((key) =>
      key.startsWith(`incoming/store=main/${prefix}`),
    );

  test('get a day by the keyboard alone, and their rows have it in the database', async () => {
    const page = await running.open();
    await dropFiles(page, [
      { name: 'sales.csv', text: csv(row(1, 'SELL', 'Day Tea'), row(2, 'SELL', 'Day Tea')) },
    ]);
    const card = cardOf(page, 'sales.csv');
    await card.getByText('Day missing', { exact: true }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(await sendButton(card).count()).toBe(0);
    const day = dayOf(card);
    const place = await day.boundingBox();
    await tabTo(page, day);
    // Day and month are the same in every order of the parts.
    await page.keyboard.type('0606202');
    await card.getByText(/^Choose a day from 1 Jan 1900 to /).waitFor();
    expect(await sendButton(card).count()).toBe(0);
    await page.keyboard.type('5');
    await card.getByText('The file is sent as retail_06_06_2025_sales.csv.').waitFor();
    await card.getByText('2 rows will load').waitFor();
    await card.getByText('Friday, 6 June 2025').waitFor();
    expect(await day.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await day.boundingBox()).toEqual(place);
    expect(await findBarriers(page)).toEqual([]);
    await tabTo(page, sendButton(card));
    await page.keyboard.press('Enter');
    await card.getByText('2 rows: 2 new').waitFor();
    await card.getByText('Sent as retail_06_06_2025_sales.csv.').waitFor();
    expect(await dayOf(card).count()).toBe(0);
    expect(await datesOf('Day Tea')).toEqual([{ date: '2025-06-06', rows: 2 }]);
    expect(await keys('retail_06_06_2025')).toEqual(['incoming/store=main/retail_06_06_2025_sales.csv']);
    await card.getByRole('link', { name: 'Details' }).click();
    await page.getByRole('heading', { name: 'retail_06_06_2025_sales.csv' }).waitFor();
  });

  test('have a day each, and no two of them the same name; a day can be changed until the file is sent', async () => {
    const page = await running.open();
    const tea = (number: number) => csv(row(number, 'SELL', 'Till Tea'));
    await dropFiles(page, [
      { name: 'till.csv', text: tea(11) },
      { name: 'till.csv', text: tea(12) },
      { name: 'retail_10_06_2025.csv', text: tea(13) },
    ]);
    const [first, second] = [cardOf(page, 'till.csv').first(), cardOf(page, 'till.csv').last()];
    await page.getByRole('button', { name: 'Only with problems 2' }).click();
    await choose(first, '2025-06-09', 'retail_09_06_2025_till.csv');
    await choose(first, '2025-06-08', 'retail_08_06_2025_till.csv');
    await choose(second, '2025-06-08', 'retail_08_06_2025_till_2.csv');
    await dayOf(second).fill('');
    await second.getByText('Day missing', { exact: true }).waitFor();
    await choose(second, '2025-06-08', 'retail_08_06_2025_till_2.csv');
    // A file that has its name from the person keeps it.
    await dropFiles(page, [{ name: 'retail_08_06_2025_till.csv', text: tea(11) }]);
    const own = cardOf(page, 'retail_08_06_2025_till.csv');
    await own.getByText('Another file in this list has the same name.').waitFor();
    await own.getByRole('button', { name: /^Remove/ }).click();
    await page.getByRole('button', { name: 'Send 3 files' }).click();
    for (const card of [first, second]) await card.getByText('1 row: 1 new').waitFor();
    await cardOf(page, 'retail_10_06_2025.csv').getByText('1 row: 1 new').waitFor();
    expect(await datesOf('Till Tea')).toEqual([
      { date: '2025-06-08', rows: 2 },
      { date: '2025-06-10', rows: 1 },
    ]);
    // The same file for the same day again has the same name.
    await dropFiles(page, [{ name: 'till.csv', text: tea(11) }]);
    await choose(cardOf(page, 'till.csv').first(), '2025-06-08', 'retail_08_06_2025_till.csv');
    await cardOf(page, 'till.csv').first().getByText('A file of this name arrived on').waitFor();
  });

  test('have names that are text, on a narrow page, in light and in dark', async () => {
    for (const [colorScheme, day] of [
      ['light', '11'],
      ['dark', '12'],
    ] as const) {
      const page = await running.open({ colorScheme, viewport: { ...NARROW, height: 500 } });
      const hostile = '<img src=x onerror=alert(1)>';
      const names = [`${hostile}\u202e\u200f.csv`, 'b.csv', 'c.csv', 'd.csv'];
      await dropFiles(
        page,
        names.map((name) => ({ name, text: csv(row(20 + Number(day))) })),
      );
      const card = page.getByRole('article').first();
      await expect.poll(() => page.getByText('Day missing', { exact: true }).count()).toBe(names.length);
      // The bar above the cards gives way to what gets the focus.
      await dayOf(card).evaluate((element) => scrollBy(0, element.getBoundingClientRect().top - 10));
      expect(await isCovered(dayOf(card))).toBe(true);
      await dayOf(card).focus();
      expect(await isCovered(dayOf(card))).toBe(false);
      expect(await findBarriers(page)).toEqual([]);
      expect(await findOverflow(page)).toBe(0);
      const name = `retail_${day}_06_2025_${hostile}.csv`;
      await choose(card, `2025-06-${day}`, name);
      expect(await findBarriers(page)).toEqual([]);
      expect(await findOverflow(page)).toBe(0);
      await sendButton(card).click();
      await card.getByText('1 row: 1 new').waitFor();
      expect(await keys(`retail_${day}`)).toEqual([`incoming/store=main/${name}`]);
      expect(await page.locator('img[onerror], [src="x"]').count()).toBe(0);
    }
  });

  test('say what to do where one day is not the answer: a column with dates, and an archive', async () => {
    const page = await running.open();
    const dated = [`${HEADER},Date`, `${row(31)},2025-06-13`, ''].join('\n');
    await dropFiles(page, [{ name: 'export.csv', text: dated }]);
    await cardOf(page, 'export.csv')
      .getByText('The column “Date” is not read. If it says the days of the rows')
      .waitFor();
    const zip = makeZip([
      { name: 'monday.csv', content: Buffer.from(csv(row(32))) },
      { name: 'tuesday.csv', content: Buffer.from(csv(row(33))) },
    ]);
    const file = { name: 'week.zip', mimeType: 'application/zip', buffer: zip };
    await page.locator('input[type=file]').first().setInputFiles(file);
    const archive = cardOf(page, 'week.zip');
    await archive.getByRole('button', { name: /monday\.csv/ }).click();
    await archive.getByText('Or drop it on "Send files", outside an archive').waitFor();
    expect(await dayOf(archive).count()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
  });
});
