import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { retryDelaySeconds } from '../../../lambdas/shared/retry.ts';
import { type PostgresServer, startEmbeddedPostgres } from '../../../local/postgres/embedded-server.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const FOURTEEN_DAYS = 14 * 86_400;

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template's properties have every shape
  readonly Properties: any;
}

describe('by the numbers of the template', () => {
  test('no message is dead-lettered within 14 days, whatever the function does with it', async () => {
    const { Resources } = JSON.parse(
      await readFile(join(inject('assemblyDir'), 'RetailPipeline.template.json'), 'utf8'),
    ) as { Resources: Record<string, Resource> };
    const mappings = Object.values(Resources).filter(
      ({ Type }) => Type === 'AWS::Lambda::EventSourceMapping',
    );
    expect(mappings).toHaveLength(4);
    for (const { Properties: mapping } of mappings) {
      const queue = Resources[mapping.EventSourceArn['Fn::GetAtt'][0]]!.Properties;
      const deadLetters = Resources[queue.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0]]!.Properties;
      const reader = Resources[mapping.FunctionName.Ref]!.Properties;
      const receives = queue.RedrivePolicy.maxReceiveCount as number;
      // Rows wait as long as SQS keeps anything.
      expect(queue.MessageRetentionPeriod).toBe(FOURTEEN_DAYS);
      // The function sends each message back with its delay, always the shortest that it may be.
      expect(secondsOfTries(receives, (count) => retryDelaySeconds(count, 0))).toBeGreaterThan(FOURTEEN_DAYS);
      // The function dies each time, or its calls hang: then the queue alone spaces the tries.
      expect(secondsOfTries(receives, () => queue.VisibilityTimeout)).toBeGreaterThan(FOURTEEN_DAYS);
      // Lambda does not take more than its copies can work on, which would use up tries.
      expect(mapping.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
      expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * reader.Timeout);
      // A message that is dead-lettered on the last day is kept for another 14 days.
      expect(deadLetters.MessageRetentionPeriod).toBe(FOURTEEN_DAYS);
    }
  });
});

/** Seconds until a message has been received `receives` times, if each try itself takes no time. */
function secondsOfTries(receives: number, delaySeconds: (receiveCount: number) => number): number {
  let seconds = 0;
  for (let count = 1; count <= receives; count++) seconds += delaySeconds(count);
  return seconds;
}

describe('simulated', () => {
  let cloud: AccountedCloud | undefined;
  let server: PostgresServer | undefined;
  afterEach(async () => {
    await cloud?.stop();
    await server?.stop();
    [cloud, server] = [undefined, undefined];
  });

  test('every row is loaded after the database was down for 13.9 days', async () => {
    cloud = await AccountedCloud.start();
    const { timeLapse } = cloud.cloud;
    let refused = 0;
    cloud.begin({
      onCall: ({ functionName, action }) => {
        const isDown = timeLapse!.elapsedSeconds < 13.9 * 86_400;
        if (!isDown || action !== 'ExecuteStatement' || !functionName.includes('load')) return undefined;
        refused++;
        return { kind: 'error', when: 'before', code: 'DatabaseUnavailableException', status: 400 };
      },
    });
    await cloud.drop(cloud.makeFile(20));
    await cloud.send(cloud.makeCall());
    await expect
      .poll(() => timeLapse!.elapsedSeconds, { timeout: 110_000, interval: 500 })
      .toBeGreaterThan(13.9 * 86_400);
    // Each of the two messages was tried all the time, and less often than SQS allows.
    expect(refused / 2).toBeGreaterThan(600);
    expect(refused / 2).toBeLessThan(1_000);
    await cloud.send(cloud.makeCall());
    await cloud.expectAccounted();
  }, 120_000);

  const dir = temporaryDir();

  test('while PostgreSQL is stopped, rows wait in their queue; afterwards they drain without an operator', async () => {
    await mkdir(join(dir, 'postgres'));
    server = await startEmbeddedPostgres(join(dir, 'postgres'), join(dir, 'postgres.log'));
    const { adminUrl } = server;
    cloud = await AccountedCloud.start({ databaseUrl: adminUrl, timeLapse: false });
    cloud.begin();
    await cloud.drop(cloud.makeFile(300));
    await cloud.expectAccounted();

    await cloud.clients.database.end().catch(() => undefined);
    await server.stop();
    await cloud.drop(cloud.makeFile(3_000));
    await cloud.drop(cloud.makeFile(300));
    const { answer } = await cloud.send(cloud.makeCall());
    await cloud.send(cloud.makeCall('socket'));
    const receipt = `/stores/${cloud.storeId}/receipts/${answer.receipt}`;
    expect(await cloud.api.request('GET', receipt)).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    const { rowQueueUrl, rowDeadLetterQueueUrl, uploadQueueUrl } = cloud.clients.outputs;
    await expect.poll(() => messagesIn(cloud!, uploadQueueUrl)).toBe(0);
    await sleep(6_000);
    expect(await messagesIn(cloud, rowQueueUrl)).toBeGreaterThan(10);
    expect(await messagesIn(cloud, rowDeadLetterQueueUrl)).toBe(0);

    server = await startEmbeddedPostgres(join(dir, 'postgres'), join(dir, 'postgres.log'));
    expect(server.adminUrl).toBe(adminUrl);
    await cloud.reconnect();
    await cloud.expectAccounted();
  }, 120_000);
});

async function messagesIn({ clients }: AccountedCloud, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  return (
    Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
  );
}
