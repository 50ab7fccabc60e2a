import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alarm, AlarmsAnswer } from '../../../lambdas/core/api-answers.ts';
import { ApiClient } from '../../../tools/api-client.ts';
import { TestCloud } from '../../support/test-cloud.ts';

let cloud: TestCloud;
let api: ApiClient;
beforeAll(async () => {
  cloud = await TestCloud.start();
  api = new ApiClient(() => cloud.cloud.running);
});
afterAll(async () => {
  api?.[Symbol.dispose]();
  await cloud?.stop();
});

async function listAlarms(): Promise<readonly Alarm[]> {
  const { status, text } = await api.request('GET', '/alarms', { accessKeyId: 'operator' });
  expect([status, text]).toEqual([200, expect.any(String)]);
  return (JSON.parse(text) as AlarmsAnswer).alarms;
}

const find = (alarms: readonly Alarm[], heading: string) => alarms.find((each) => each.heading === heading)!;
const raised = (alarms: readonly Alarm[]) =>
  alarms.filter(({ state }) => state === 'alarm').map(({ heading }) => heading);

describe('the alarms of a local cloud', () => {
  test('are quiet, but for those whose metrics no part of the machine has', async () => {
    const alarms = await listAlarms();
    expect(raised(alarms)).toEqual([]);
    expect(find(alarms, 'Load/DlqNotEmpty')).toMatchObject({
      name: 'retail-dev/Load/DlqNotEmpty',
      state: 'ok',
    });
    const unmeasured = alarms.filter(({ reason }) => reason.startsWith('Not measured'));
    expect(unmeasured.map(({ heading }) => heading).sort()).toEqual([
      ...['Api/Latency', 'Api/ServerErrors', 'Api/WebSocketErrors'],
      ...['Database/CapacityNearLimit', 'Database/Connections'],
    ]);
    expect(unmeasured.every(({ state }) => state === 'unknown')).toBe(true);
  });

  test('say that a message is in a dead-letter queue, and what to do', async () => {
    const { sqs, access } = cloud.client;
    const QueueUrl = access.outputs.rowDeadLetterQueueUrl;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    const alarms = await listAlarms();
    expect(alarms[0]).toMatchObject({
      heading: 'Load/DlqNotEmpty',
      severity: 'critical',
      state: 'alarm',
      reason: 'Threshold Crossed: 1 datapoint [1] was greater than the threshold (0).',
      runbook: 'docs/runbook.md#loaddlqnotempty',
      advice: expect.stringContaining('retail redrive'),
    });
    expect(Date.parse(alarms[0]!.since!)).toBeGreaterThan(Date.now() - 60_000);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]!.ReceiptHandle! }));
    // The message was there in the last five minutes.
    expect(raised(await listAlarms())).toEqual(['Load/DlqNotEmpty']);
  });

  test('count what the functions write about a file, and their errors', async () => {
    const key = 'incoming/store=main/retail_17_03_2025.csv';
    expect(await cloud.load(key, 'not a file\n')).toMatchObject({ status: 'failed' });
    await expect.poll(async () => raised(await listAlarms())).toContain('Parse/UploadsFailed');
  });
});
