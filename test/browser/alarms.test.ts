import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import {
  describeConsole,
  findBarriers,
  findOverflow,
  findShifts,
  NARROW,
  watchShifts,
} from './running-console.ts';

describeConsole('the alarms of the operations screen', (running) => {
  test('are counted while they are quiet, and say what to do when one is raised', async () => {
    const asked: string[] = [];
    const page = await running.open({
      hash: '#/operations',
      prepare: async (blank) => {
        await blank.clock.install();
        await watchShifts(blank);
        blank.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').at(-1)!));
      },
    });
    const alarms = page.getByRole('region', { name: 'Alarms' });
    await alarms.getByText('No alarm is raised').waitFor();
    const others = alarms.getByText(/^\d+ are quiet, 5 are not measured on this machine/);
    await others.click();
    await alarms.getByText('Database/Connections: not measured on this machine').waitFor();
    expect([await findBarriers(page), await findShifts(page)]).toEqual([[], []]);
    await others.click();

    const { sqs, access } = running.cloud.client;
    const QueueUrl = access.outputs.rowDeadLetterQueueUrl;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    await alarms.getByRole('button', { name: 'Look at the alarms again' }).click();
    await alarms.getByText('1 alarm is raised').waitFor();
    const raised = alarms.getByRole('list', { name: 'Raised alarms' });
    await raised.getByText('The dead-letter queue of batches has messages.').waitFor();
    await raised.getByText('In the runbook: Load/DlqNotEmpty').waitFor();
    await raised.getByText('What to do').click();
    await raised
      .getByText(/retail redrive/)
      .first()
      .waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.screenshot({ path: 'coverage/alarms.png', fullPage: true });

    // At the opening, at the click, and when the queues have changed.
    const looks = asked.filter((path) => path === 'alarms').length;
    expect(looks).toBeLessThanOrEqual(3);
    const statuses = asked.filter((path) => path === 'status').length;
    // The page asks every 15 seconds. The first answer is handled when it asks again.
    await expect
      .poll(async () => {
        await page.clock.runFor(15_000);
        return asked.filter((path) => path === 'status').length;
      })
      .toBeGreaterThan(statuses + 1);
    expect(asked.filter((path) => path === 'alarms').length).toBeLessThanOrEqual(3);
  });

  test('fit a narrow screen in the dark', async () => {
    const page = await running.open({ hash: '#/operations', viewport: NARROW, colorScheme: 'dark' });
    const alarms = page.getByRole('region', { name: 'Alarms' });
    await alarms.getByText('1 alarm is raised').waitFor();
    await alarms.getByText('What to do').click();
    await alarms.getByText(/ are quiet, /).click();
    expect([await findBarriers(page), await findOverflow(page)]).toEqual([[], 0]);
    await page.screenshot({ path: 'coverage/alarms-narrow.png', fullPage: true });
  });
});
