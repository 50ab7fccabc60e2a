import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { buildS3Event } from '../../lambdas/shared/upload-message.ts';
import { describeConsole, findBarriers, findOverflow, NARROW } from './running-console.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const csv = (first: number, rows: number) =>
  [
    HEADER,
    ...Array.from({ length: rows }, (_, index) => {
      const id = `00000000-0000-4000-8000-${String(first + index).padStart(12, '0')}`;
      return `${id},SELL,Soap,1,1.00,1.20`;
    }),
    '',
  ].join('\n');

describeConsole('the operations screen', (running) => {
  test('pulls the plug of the database: rows wait, and load when it is back', async () => {
    const page = await running.open({ hash: '#/operations' });
    const plug = page.getByRole('region', { name: 'Database running' });
    await plug.getByRole('button', { name: 'Pull the plug' }).click();
    await page.getByText('The database is away. Send a file').waitFor();
    const key = 'incoming/store=main/retail_15_03_2025.csv';
    await running.cloud.put(key, csv(1, 50));
    await page.getByText('The database is away. 1 message waits. Nothing is lost.').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.screenshot({ path: 'coverage/operations-pulled.png', fullPage: true });

    await page.getByRole('button', { name: 'Put the plug back' }).click();
    await page.getByText('everything that waited is loaded').waitFor();
    const sql = 'SELECT status, rows_read, rows_inserted FROM ledger.uploads WHERE object_key = :key';
    expect(await running.cloud.client.query(sql, { key })).toMatchObject([
      { status: 'complete', rows_read: 50, rows_inserted: 50 },
    ]);
    await page.getByText('Everything is loaded').waitFor();
  });

  test('shows why messages could not be handled, and sends them back', async () => {
    const { client } = running.cloud;
    const key = 'incoming/store=main/retail_16_03_2025.csv';
    const { versionId } = await running.cloud.load(key, csv(100, 3));
    const object = { bucket: client.bucket, key, versionId, receivedAt: new Date().toISOString() };
    const reason = { DataType: 'String', StringValue: '<img src=x onerror=alert(1)> is not a file' };
    await client.sqs.send(
      new SendMessageCommand({
        QueueUrl: client.access.outputs.uploadDeadLetterQueueUrl,
        MessageBody: JSON.stringify(buildS3Event(object)),
        MessageAttributes: { reason },
      }),
    );
    const page = await running.open({ hash: '#/operations', viewport: NARROW, colorScheme: 'dark' });
    const row = page.getByRole('listitem').filter({ hasText: key });
    await row.getByText('<img src=x onerror=alert(1)> is not a file').waitFor();
    await page.getByText('1 could not be handled').waitFor();
    expect([await findBarriers(page), await findOverflow(page)]).toEqual([[], 0]);
    await page.screenshot({ path: 'coverage/operations-letters.png', fullPage: true });
    await row.getByRole('button', { name: `Send back: ${key}` }).click();
    await page.getByText('One message was sent back.').waitFor();
    await page.getByText('Nothing is left over').waitFor();
  });
});
