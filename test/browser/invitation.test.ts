import { expect, test } from 'vitest';
import { actAtOnce, readSeen } from './act-at-once.ts';
import { cardOf, csv, row } from './drop-files.ts';
import { describeConsole } from './running-console.ts';

describeConsole('as soon as the page invites', (running) => {
  test('the button for a folder asks for a folder', async () => {
    const page = await running.open({
      prepare: (page) =>
        actAtOnce(
          page,
          () => document.querySelector('main button:enabled') !== null,
          () => {
            const seen = document.querySelectorAll('input[type=file][webkitdirectory]').length;
            Object.assign(window, { seen });
          },
        ),
    });
    expect(await readSeen(page)).toBe(1);
  });

  test('a file that is dropped is checked', async () => {
    const page = await running.open({
      prepare: (page) =>
        actAtOnce(
          page,
          () => document.querySelector('main button:enabled') !== null,
          () => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(['text'], 'retail_21_07_2025.csv'));
            const options = { bubbles: true, cancelable: true, dataTransfer };
            document.body.dispatchEvent(new DragEvent('drop', options));
          },
        ),
    });
    await cardOf(page, 'retail_21_07_2025.csv').getByText('Would be refused').waitFor();
  });

  test('files that are dropped beside the screen "Send" are not lost in silence', async () => {
    const page = await running.open({
      hash: '#/files',
      prepare: async (page) => {
        await actAtOnce(
          page,
          () => document.querySelector('.toasts') !== null,
          () => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(['text'], 'file.csv'));
            const options = { bubbles: true, cancelable: true, dataTransfer };
            document.body.dispatchEvent(new DragEvent('drop', options));
          },
        );
        // Nothing else is drawn before it was said.
        await page.route('**/config.json', async (route) => {
          await page.waitForFunction(() => 'seen' in window);
          await route.fallback();
        });
        await actAtOnce(
          page,
          () => document.querySelector('[role=alert] .toast') !== null,
          () => Object.assign(window, { seen: document.querySelector('.toast')!.textContent }),
        );
      },
    });
    expect(await readSeen(page)).toBe('Nothing was sent. Drop files on the screen "Send".');
  });

  test('a correction that could not be sent is taken back', async () => {
    const key = 'incoming/store=main/retail_22_07_2025.csv';
    const { uploadId } = await running.cloud.load(key, csv(row(1, 'LEND'), row(2, 'LEND')));
    const page = await running.open({ hash: `#/files/${uploadId}/fix` });
    await page.getByRole('grid').focus();
    await page.keyboard.type('SELL');
    await page.keyboard.press('Enter');
    await page.route('**/stores/main/uploads', (route) => route.abort());
    await actAtOnce(
      page,
      () => document.querySelector('.fix-bar [role=alert]') !== null,
      () => {
        const buttons = [...document.querySelectorAll<HTMLButtonElement>('.fix-bar button:enabled')];
        buttons.find(({ innerText }) => innerText === 'Undo')!.click();
      },
    );
    await page.getByRole('button', { name: 'Send 1 correction' }).click();
    await page.getByText('0 of 2 rows corrected').waitFor();
  });

  test('the next Tab begins at the new screen', async () => {
    const ids: string[] = [];
    for (const day of [23, 24]) {
      const key = `incoming/store=main/retail_${day}_07_2025.csv`;
      ids.push((await running.cloud.load(key, csv(row(day)))).uploadId);
    }
    const page = await running.open({ hash: `#/files/${ids[0]}` });
    await page.getByRole('heading', { name: 'Results of the rows' }).waitFor();
    await actAtOnce(
      page,
      () => document.querySelector('main .skeleton') !== null,
      () => Object.assign(window, { seen: document.activeElement?.tagName }),
    );
    await page.goto(`${running.address}#/files/${ids[1]}`);
    await page.getByRole('heading', { name: 'Results of the rows' }).waitFor();
    expect(await readSeen(page)).toBe('MAIN');
  });
});
