import { setTimeout as sleep } from 'node:timers/promises';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';

for (const [name, value] of Object.entries({
  CLUSTER_ARN: 'cluster',
  DATABASE_NAME: 'retail',
  DATABASE_SECRET_ARN: 'loader',
  ROW_QUEUE_URL: 'rows',
  ROW_DEAD_LETTER_QUEUE_URL: 'rows-dlq',
  NOTICE_QUEUE_URL: 'notices',
  AWS_REGION: 'us-east-1',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
  POWERTOOLS_METRICS_NAMESPACE: 'test',
})) {
  vi.stubEnv(name, value);
}
const { handler } = await import('../../../../lambdas/load/index.ts');

const RESULT = { seenBefore: false, inserted: 1, duplicate: 0, conflicting: 0, rejected: 0 };
const LOADED = { records: [[{ stringValue: JSON.stringify(RESULT) }]] };
const api = mockClient(RDSDataClient);
const sqs = mockClient(SQSClient);
afterAll(() => {
  vi.unstubAllEnvs();
  api.restore();
  sqs.restore();
});
beforeEach(() => {
  api.reset();
  sqs.reset();
  api.on(ExecuteStatementCommand).resolves(LOADED);
});

/** Handles two messages while the function has this much time left. @returns the ids of those that failed */
async function handle(remaining: number): Promise<string[]> {
  const Records = ['a', 'b'].map(
    (messageId) =>
      ({
        messageId,
        receiptHandle: messageId,
        body: `{"batch":"${messageId}"}`,
        attributes: { ApproximateReceiveCount: '1' },
      }) as SQSRecord,
  );
  const context = { getRemainingTimeInMillis: () => remaining } as Context;
  const { batchItemFailures } = await handler({ Records }, context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

test('each message is loaded in one call with its body', async () => {
  expect(await handle(60_000)).toEqual([]);
  const calls = api.commandCalls(ExecuteStatementCommand).map(({ args }) => args[0].input);
  expect(calls.map(({ parameters }) => parameters?.[0])).toEqual(
    ['a', 'b'].map((id) => ({ name: 'message', value: { stringValue: `{"batch":"${id}"}` } })),
  );
});

test('an invocation without a loaded batch logs no warning about metrics', async () => {
  const warn = vi.spyOn(console, 'warn');
  await handle(59_999);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test('no call begins if the function could end before it, and the messages go back to their queue', async () => {
  expect(await handle(59_999)).toEqual(['a', 'b']);
  expect(api.calls()).toHaveLength(0);
  expect(sqs.commandCalls(ChangeMessageVisibilityCommand)).toHaveLength(2);
  expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
});

test('a message that the database can never accept goes to the dead-letter queue, the other is loaded', async () => {
  api
    .on(ExecuteStatementCommand)
    .rejectsOnce(new Error('ERROR: invalid input syntax; SQLState: 22P02'))
    .resolves(LOADED);
  expect(await handle(60_000)).toEqual([]);
  expect(sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input)).toMatchObject([
    { QueueUrl: 'rows-dlq', MessageBody: '{"batch":"a"}' },
  ]);
});

test('a message is loaded again while decisions about its file are not applied', async () => {
  const more = { records: [[{ stringValue: JSON.stringify({ ...RESULT, more: true }) }]] };
  api.on(ExecuteStatementCommand).resolvesOnce(more).resolvesOnce(more).resolves(LOADED);
  expect(await handle(90_000)).toEqual([]);
  expect(api.commandCalls(ExecuteStatementCommand)).toHaveLength(4);
});

test('a decision continues in another invocation if no time is left', async () => {
  const more = { records: [[{ stringValue: JSON.stringify({ ...RESULT, more: true }) }]] };
  api.on(ExecuteStatementCommand).callsFake(async () => {
    await sleep(20);
    return more;
  });
  expect(await handle(60_005)).toEqual(['a', 'b']);
  expect(api.commandCalls(ExecuteStatementCommand)).toHaveLength(2);
});

describe('uploads that ended', () => {
  const ended = (...announced: string[]) => ({
    records: [[{ stringValue: JSON.stringify({ ...RESULT, announced }) }]],
  });
  const sent = () =>
    sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => [input.QueueUrl, input.MessageBody]);

  test('are told to the notifier, each once', async () => {
    sqs.on(SendMessageCommand).resolves({});
    api.on(ExecuteStatementCommand).resolvesOnce(ended('u1', 'u2')).resolves(ended('u2'));
    expect(await handle(60_000)).toEqual([]);
    expect(sent()).toEqual([
      ['notices', '{"uploadId":"u1"}'],
      ['notices', '{"uploadId":"u2"}'],
    ]);
  });

  test('hold no batch back if the notifier cannot be told', async () => {
    api.on(ExecuteStatementCommand).resolves(ended('u1'));
    sqs.on(SendMessageCommand).rejects(new Error('SQS is down'));
    expect(await handle(60_000)).toEqual([]);
  });
});
