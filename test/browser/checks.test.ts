import { expect, test } from 'vitest';
import {
  describeConsole,
  findBarriers,
  findOverflow,
  findShifts,
  NARROW,
  watchShifts,
} from './running-console.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const KEY = 'incoming/store=main/retail_15_03_2025.csv';
const row = (number: number) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')},SELL,Soap,1,1.00,1.20`;

describeConsole('the checks of the operations screen', (running) => {
  test('have not run, run at a click, and name what differs with a link to its file', async () => {
    const { uploadId } = await running.cloud.load(KEY, [HEADER, row(1), row(2), ''].join('\n'));
    const asked: string[] = [];
    const page = await running.open({
      hash: '#/operations',
      prepare: async (blank) => {
        await watchShifts(blank);
        blank.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').at(-1)!));
      },
    });
    const checks = page.getByRole('region', { name: 'Checks' });
    await checks.getByText('The sweeper has not run yet.').waitFor();
    await checks.getByText('The verifier has not run yet.').waitFor();
    expect([await findBarriers(page), await findShifts(page)]).toEqual([[], []]);
    await checks.getByRole('button', { name: 'Run now: sweeper' }).click();
    await checks.getByText(/The sweeper looked at 1 file \d+ seconds? ago: none was lost\./).waitFor();
    await checks.getByRole('button', { name: 'Run now: verifier' }).click();
    await checks
      .getByText(/compared 1 upload and 2 rows with the table \d+ seconds? ago: they agree\./)
      .waitFor();

    const owner = await running.cloud.connectAs('retail_migrator');
    await owner.query(`DELETE FROM transactions WHERE upload_id = '${uploadId}' AND line = 2`);
    await owner.end();
    await checks.getByRole('button', { name: 'Run now: verifier' }).click();
    await checks.getByText(/: it found 1 difference\./).waitFor();
    await checks.getByText('Show the finding').click();
    await checks.getByText('2 rows were inserted, and the table has 1 of them').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.screenshot({ path: 'coverage/checks.png', fullPage: true });

    // The result is asked for at the opening and at clicks, however often the queues are.
    const looks = asked.filter((path) => path === 'checks').length;
    expect(looks).toBe(4);
    const sent = await running.cloud.put(
      'incoming/store=main/retail_16_03_2025.csv',
      [HEADER, row(3), ''].join('\n'),
    );
    await running.cloud.waitFor(sent);
    await page.waitForResponse(/\/status$/);
    expect(asked.filter((path) => path === 'checks')).toHaveLength(looks);
    await checks.getByRole('link', { name: 'retail_15_03_2025.csv (main)' }).click();
    await page.waitForURL(`**#/files/${uploadId}`);
  });

  test('are readable on a narrow, dark screen, and stay in place while they load', async () => {
    const look = { viewport: NARROW, colorScheme: 'dark', prepare: watchShifts } as const;
    const page = await running.open({ hash: '#/operations', ...look });
    const checks = page.getByRole('region', { name: 'Checks' });
    await checks.getByText(/it found 1 difference/).waitFor();
    await running.isComplete(page);
    expect(await findShifts(page)).toEqual([]);
    await checks.getByText('Show the finding').click();
    expect([await findBarriers(page), await findOverflow(page)]).toEqual([[], 0]);
    await page.screenshot({ path: 'coverage/checks-narrow.png', fullPage: true });
  });

  test('say why a check did not run while the database is stopped, and keep the last result', async () => {
    const page = await running.open({ hash: '#/operations' });
    await page.getByRole('button', { name: 'Pull the plug' }).click();
    await page.getByText('The database is away. Send a file').waitFor();
    const checks = page.getByRole('region', { name: 'Checks' });
    await checks.getByRole('button', { name: 'Run now: verifier' }).click();
    await page.getByText('The database is stopped. Start it first.').waitFor();
    await checks.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('These are the last results.').waitFor();
    await checks.getByText(/it found 1 difference/).waitFor();
    await page.getByRole('button', { name: 'Put the plug back' }).click();
    await page.getByRole('button', { name: 'Pull the plug' }).waitFor();
  });
});
