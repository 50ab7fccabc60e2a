import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeZip } from '../../tools/make-zip.ts';
import { cardOf, csv, dropFiles, row } from './drop-files.ts';
import { describeConsole, findBarriers, findOverflow, NARROW } from './running-console.ts';

const IDENTITY = `
  SELECT status, rows_read AS read, rows_inserted AS inserted, rows_duplicate + rows_conflicting AS known, rows_rejected AS rejected
  FROM ledger.uploads WHERE object_key = $1`;

describeConsole('sending and correcting files', (running) => {
  test('a broken file is checked, sent and corrected down to 0 left, and every row is accounted for', async () => {
    const page = await running.open();
    const sent: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
    const lent = Array.from({ length: 40 }, (_, index) => row(100 + index, 'LEND'));
    const text = csv(row(1), row(2), ...lent, row(3, 'SELL', 'Tea', 'two'));
    await dropFiles(page, [{ name: 'retail_15_03_2025.csv', text }]);
    const card = cardOf(page, 'retail_15_03_2025.csv');
    await card.getByText('2 of 43 rows will load, 41 to correct').waitFor();
    await card.getByText('The category "LEND" is not SELL or BUY.').first().waitFor();
    expect(await card.getByRole('row', { name: '4' }).first().textContent()).toContain('LEND');
    expect(await findBarriers(page)).toEqual([]);
    expect(sent).toEqual([]);

    await card.getByRole('button', { name: 'Send', exact: true }).click();
    await card.getByRole('link', { name: 'Correct 41 rows' }).click();
    const grid = page.getByRole('grid');
    await grid.focus();
    await page.keyboard.type('SELL');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'In 39 rows with LEND' }).click();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: /^Quantity is not a valid number/ }).click();
    await grid.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('zero');
    await page.keyboard.press('Enter');
    await page.getByText('1 changed row still has a problem').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Send 41 corrections' }).click();
    await page.getByRole('heading', { name: '0 left' }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('link', { name: 'Look at the file' }).click();
    await page.getByRole('rowheader', { name: /^Settled/ }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'See it in Numbers' }).click();
    await expect.poll(() => page.url()).toContain('since=2025-03-09&until=2025-03-15');
    await page.getByRole('heading', { name: 'Balance of Soap' }).waitFor();

    const key = 'incoming/store=main/retail_15_03_2025.csv';
    const corrected = 'incoming/store=main/retail_15_03_2025_corrected.csv';
    const counts = async (of: string) => (await running.cloud.rows(IDENTITY, [of]))[0];
    expect(await counts(key)).toMatchObject({ read: '43', inserted: '2', known: '0', rejected: '41' });
    expect(await counts(corrected)).toMatchObject({ read: '41', inserted: '41', known: '0', rejected: '0' });
    const [{ rows, quantity }] = (await running.cloud.rows(
      "SELECT count(*)::int AS rows, sum(quantity)::text AS quantity FROM transactions WHERE transaction_date = '2025-03-15'",
    )) as [{ rows: number; quantity: string }];
    expect({ rows, quantity }).toEqual({ rows: 43, quantity: '44.000' });
  });

  test('several files are sent at once, a refused one is not, and one that is known says so', async () => {
    const page = await running.open();
    const files = [
      { name: 'retail_16_03_2025.csv', text: csv(row(201), row(202)) },
      { name: 'retail_17_03_2025.csv', text: csv(row(203)) },
      { name: 'notes.csv', text: 'hello\nworld\n' },
    ];
    await dropFiles(page, files);
    await cardOf(page, 'notes.csv').getByText('Would be refused').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Send 2 files' }).click();
    await cardOf(page, 'retail_16_03_2025.csv').getByText('2 rows: 2 new').waitFor();
    await cardOf(page, 'retail_17_03_2025.csv').getByText('1 row: 1 new').waitFor();
    await page.getByRole('button', { name: 'Hide what is loaded' }).click();
    await dropFiles(page, files.slice(0, 1));
    await cardOf(page, 'retail_16_03_2025.csv').getByText('A file of this name arrived on').waitFor();
    expect(await running.cloud.keys('incoming/store=main/notes.csv')).toEqual([]);
  });

  test('the result of a file is found after the newest uploads, and problems among many files', async () => {
    const page = await running.open({
      prepare: (page) =>
        page.route('**/uploads?*', (route) => {
          const query = new URL(route.request().url()).searchParams;
          const isFirst = !query.has('before') && !query.has('name');
          return isFirst ? route.fulfill({ json: { uploads: [], next: 'z' } }) : route.fallback();
        }),
    });
    // A position after every upload.
    await page.route('**/uploads?*before=z', (route) =>
      route.continue({ url: route.request().url().replace('&before=z', '') }),
    );
    await dropFiles(page, [
      { name: 'retail_19_03_2025.csv', text: csv(row(211), row(212)) },
      { name: 'retail_20_03_2025.csv', text: csv(row(213, 'LEND')) },
    ]);
    await page.getByRole('button', { name: 'Send 2 files' }).click();
    const card = cardOf(page, 'retail_19_03_2025.csv');
    await card.getByText('2 rows: 2 new').waitFor();
    const link = card.getByRole('link', { name: 'See it in Numbers' });
    expect(await link.getAttribute('href')).toContain(
      '#/numbers?store=main&since=2025-03-13&until=2025-03-19',
    );
    await page.getByRole('button', { name: 'Only with problems 1' }).click();
    await card.waitFor({ state: 'detached' });
    expect(await page.getByRole('article').count()).toBe(1);
    expect(await findBarriers(page)).toEqual([]);
  });

  test('files of a store that no setting names are sent to it, where they are accepted', async () => {
    const page = await running.open();
    await page.getByLabel('for the store').selectOption('Another store…');
    await page.keyboard.type('pop up');
    await page.keyboard.press('Enter');
    await page.getByText('Use letters, digits').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('Name of the store').fill('pop-up');
    await page.keyboard.press('Enter');
    await dropFiles(page, [{ name: 'retail_22_03_2025.csv', text: csv(row(231)) }]);
    const card = cardOf(page, 'retail_22_03_2025.csv');
    await card.getByText('store pop-up').waitFor();
    await card.getByRole('button', { name: 'Send', exact: true }).click();
    await card.getByText('1 row: 1 new').waitFor();
    expect(await running.cloud.keys('incoming/store=pop-up/')).toEqual([
      'incoming/store=pop-up/retail_22_03_2025.csv',
    ]);
  });

  test('a name with invisible characters is sent without them', async () => {
    const page = await running.open();
    await dropFiles(page, [{ name: 'retail_21_03_2025\u202e\u200b.csv', text: csv(row(221)) }]);
    await page.getByText('The file is sent as retail_21_03_2025.csv.').waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('1 row: 1 new').waitFor();
    expect(await running.cloud.keys('incoming/store=main/retail_21_03_2025')).toEqual([
      'incoming/store=main/retail_21_03_2025.csv',
    ]);
  });

  test('names and values of a file are text, whatever they contain', async () => {
    const page = await running.open();
    page.on('dialog', (dialog) => running.problems.push(`a dialog: ${dialog.message()}`));
    const hostile = '<img src=x onerror=alert(1)>';
    const marks = '\u202egnp.exe\u0000\u001b[31m';
    const name = `retail_18_03_2025 <img src=x onerror=alert(2)>.csv`;
    await dropFiles(page, [{ name, text: csv(row(301, hostile), row(302, 'LEND', `"${marks}"`), row(303)) }]);
    const card = cardOf(page, name);
    await card.getByRole('cell', { name: hostile, exact: true }).waitFor();
    await card.getByRole('button', { name: 'Send', exact: true }).click();
    await card.getByRole('link', { name: 'Correct 2 rows' }).click();
    await page.getByRole('gridcell', { name: hostile, exact: true }).waitFor();
    await page.getByRole('gridcell', { name: /⟨U\+202E⟩gnp\.exe.*⟨U\+001B⟩\[31m/ }).waitFor();
    expect(await page.locator('img[onerror], [src="x"]').count()).toBe(0);
    expect(await findOverflow(page)).toBe(0);
  });

  test('a file that is sent without a connection arrives when there is one', async () => {
    const page = await running.open();
    await dropFiles(page, [{ name: 'retail_19_03_2025.csv', text: csv(row(401)) }]);
    const card = cardOf(page, 'retail_19_03_2025.csv');
    await card.getByText('1 row will load').waitFor();
    await page.context().setOffline(true);
    await card.getByRole('button', { name: 'Send', exact: true }).click();
    await card.getByText('The file is sent as soon as there is one.').waitFor();
    await page.context().setOffline(false);
    await card.getByText('1 row: 1 new').waitFor();
  });

  test('a file that is sent while the database resumes says that it waits, and then its result', async () => {
    const page = await running.open();
    let isPaused = true;
    await page.route(/\/uploads\?store=main/, (route) =>
      isPaused
        ? route.fulfill({ status: 503, headers: { 'retry-after': '1' }, body: '{}' })
        : route.fallback(),
    );
    await dropFiles(page, [{ name: 'retail_27_03_2025.csv', text: csv(row(821)) }]);
    const card = cardOf(page, 'retail_27_03_2025.csv');
    await card.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('If it takes longer, tell your operator. What was sent is safe').waitFor();
    isPaused = false;
    await card.getByText('1 row: 1 new').waitFor();
  });

  test('a form that has expired is replaced, and a session that has ended says what to do', async () => {
    const page = await running.open();
    let forms = 0;
    await page.route(/\/stores\/main\/uploads$/, (route) => {
      forms++;
      return forms === 3
        ? route.fulfill({ status: 401, body: '{"message":"Unauthorized"}' })
        : route.fallback();
    });
    let posts = 0;
    const isForm = (url: URL) => !url.pathname.startsWith('/_api/');
    await page.route(isForm, (route) =>
      route.request().method() === 'POST' && ++posts === 1
        ? route.fulfill({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' })
        : route.fallback(),
    );
    const files = [20, 21].map((day) => ({ name: `retail_${day}_03_2025.csv`, text: csv(row(500 + day)) }));
    await dropFiles(page, files.slice(0, 1));
    await cardOf(page, files[0]!.name).getByRole('button', { name: 'Send', exact: true }).click();
    await cardOf(page, files[0]!.name).getByText('1 row: 1 new').waitFor();
    expect(forms).toBe(2);
    await dropFiles(page, files.slice(1));
    const card = cardOf(page, files[1]!.name);
    await card.getByRole('button', { name: 'Send', exact: true }).click();
    await card.getByText('Sign in again in another tab. Then press Send again.').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await card.getByRole('button', { name: 'Send again' }).click();
    await card.getByText('1 row: 1 new').waitFor();
  });

  test('a file and its corrections have room on a narrow page, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await running.open({ colorScheme, viewport: NARROW });
      const day = colorScheme === 'light' ? 22 : 23;
      const name = `retail_${day}_03_2025.csv`;
      await dropFiles(page, [{ name, text: csv(row(600 + day, 'LEND'), row(700 + day)) }]);
      await cardOf(page, name).getByText('1 of 2 rows will load').waitFor();
      expect(await findBarriers(page)).toEqual([]);
      expect(await findOverflow(page)).toBe(0);
      await cardOf(page, name).getByRole('button', { name: 'Send', exact: true }).click();
      await cardOf(page, name).getByRole('link', { name: 'Correct 1 row' }).click();
      await page.getByRole('grid').waitFor();
      expect(await findBarriers(page)).toEqual([]);
      expect(await findOverflow(page)).toBe(0);
    }
  });

  test('the place for files shows that files are over it until they leave the window, also in Safari', async () => {
    const page = await running.open();
    const move = (type: string, selector: string) =>
      page.evaluate(
        ([type, selector]) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(['text'], 'file.csv'));
          // Without `relatedTarget`, as in Safari.
          const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
          document.querySelector(selector)!.dispatchEvent(event);
        },
        [type, selector] as const,
      );
    const invitation = page.getByText('Let go to check the files');
    await page.getByRole('button', { name: 'Choose files' }).and(page.locator(':enabled')).waitFor();
    await move('dragenter', 'main');
    await move('dragover', 'main');
    await invitation.waitFor();
    await move('dragenter', 'h1');
    await move('dragleave', 'main');
    expect(await invitation.count()).toBe(1);
    await move('dragleave', 'h1');
    await invitation.waitFor({ state: 'detached' });
  });

  test('a folder that cannot be read says so', async () => {
    const page = await running.open();
    await page.evaluate(() => {
      const createReader = () => ({
        readEntries: (_: unknown, fail: (error: Error) => void) => fail(new Error()),
      });
      const entry = { isFile: false, isDirectory: true, fullPath: '/folder', createReader };
      DataTransferItem.prototype.webkitGetAsEntry = () => entry as unknown as FileSystemEntry;
    });
    await dropFiles(page, [{ name: 'folder', text: '' }]);
    await page.getByText('The folder cannot be read.').waitFor();
  });

  test('a folder is sent as a whole: its folders name the stores, and other files are left out', async () => {
    const page = await running.open();
    const folder = await mkdtemp(join(tmpdir(), 'retail-folder-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, 'store=main'));
    await writeFile(join(folder, 'store=main', 'retail_24_03_2025.csv'), csv(row(801)));
    await writeFile(join(folder, 'store=main', 'readme.pdf'), 'nothing');
    await page.getByRole('button', { name: 'Choose a folder' }).and(page.locator(':enabled')).waitFor();
    await page.locator('input[webkitdirectory]').setInputFiles(folder);
    await cardOf(page, 'retail_24_03_2025.csv').getByText('1 row will load').waitFor();
    await page.getByText(/^Left out.*readme\.pdf/).waitFor();
  });

  test('an archive shows each of its files before and after it is sent', async () => {
    const page = await running.open();
    const zip = makeZip([
      { name: 'retail_25_03_2025.csv', content: Buffer.from(csv(row(811), row(812, 'LEND'))) },
      { name: 'retail_26_03_2025.csv', content: Buffer.from(csv(row(813))) },
    ]);
    await page.getByRole('button', { name: 'Choose files' }).and(page.locator(':enabled')).waitFor();
    const file = { name: 'week.zip', mimeType: 'application/zip', buffer: zip };
    await page.locator('input[type=file]').first().setInputFiles(file);
    const card = cardOf(page, 'week.zip');
    await card.getByRole('button', { name: /retail_25_03_2025\.csv/ }).click();
    await card.getByText('1 of 2 rows will load, 1 to correct').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await card.getByRole('button', { name: 'Send', exact: true }).click();
    await card.getByText('3 rows: 2 new, 1 to correct').waitFor();
    await card.getByRole('link', { name: /Correct 1 row of/ }).waitFor();
    // Files that still need a person are not hidden.
    await card.getByText('1 to correct', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Hide what is loaded' }).count()).toBe(0);
  });
});
