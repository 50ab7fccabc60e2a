import { expect, test } from 'vitest';
import { cardOf, csv, dropFiles, row, send } from './drop-files.ts';
import { describeConsole, findBarriers, findOverflow, NARROW } from './running-console.ts';

const FATES = `
  SELECT rows_read::int AS read, rows_inserted::int AS inserted, rows_duplicate::int AS duplicate,
    rows_conflicting::int AS conflicting, rows_rejected::int AS rejected
  FROM ledger.uploads WHERE object_key = $1`;

describeConsole('the promise of a check', (running) => {
  const fatesOf = async (name: string) =>
    (await running.cloud.rows(FATES, [`incoming/store=main/${name}`]))[0];

  test('is kept by the database for rows that are in the file again, with the same values and with others', async () => {
    const page = await running.open({ viewport: NARROW });
    const name = 'retail_02_10_2025.csv';
    const again = row(1).replace('1.00', '1');
    const text = csv(row(1), row(2), again, row(2, 'SELL', 'Tea'), row(3, 'LEND'));
    await dropFiles(page, [{ name, text }]);
    const card = cardOf(page, name);
    await card.getByText('2 of 5 rows will load, 1 to correct, 1 to compare').waitFor();
    await card.getByText('1 row is in the file twice and loads once.').waitFor();
    const problems = card.getByRole('row').filter({ hasText: /LEND|same id/i });
    expect(await problems.locator('td:first-child').allTextContents()).toEqual(['5', '6']);
    await card.getByText('Same id as line 3, but other values. Line 3 counts.').waitFor();
    const bar = '5 rows: 2 new, 1 already known, 1 known, but different, 1 to correct';
    await card.getByRole('img', { name: bar }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(await findOverflow(page)).toBe(0);

    await send(page, name);
    await card.getByRole('link', { name: 'Compare the values' }).waitFor();
    await card.getByText(bar).waitFor();
    const fates = { read: 5, inserted: 2, duplicate: 1, conflicting: 1, rejected: 1 };
    expect(await fatesOf(name)).toEqual(fates);
    await card.getByRole('link', { name: 'Compare the values' }).click();
    await page.getByText('Tea').first().waitFor();
  });

  test('calls a file good that only has the same row twice, and asks for a person if the values differ', async () => {
    const page = await running.open();
    const [twice, differs] = ['retail_03_10_2025.csv', 'retail_04_10_2025.csv'];
    await dropFiles(page, [
      { name: twice, text: csv(row(11), row(11), row(12)) },
      { name: differs, text: csv(row(21), row(21, 'BUY')) },
    ]);
    await cardOf(page, twice).getByText('2 of 3 rows will load').waitFor();
    await cardOf(page, twice).getByText('Ready').waitFor();
    await cardOf(page, differs).getByText('1 of 2 rows will load, 1 to compare').waitFor();
    await page.getByRole('button', { name: 'Only with problems 1' }).click();
    await cardOf(page, twice).waitFor({ state: 'detached' });
    await send(page, differs);
    await cardOf(page, differs).getByText('2 rows: 1 new, 1 known, but different').waitFor();
  });
});
