import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { CallFault } from '../../../../local/faults/fault-plan.ts';
import { BUCKET, startFaultyGateway, type TestFunction } from './faulty-gateway.ts';

const { begin, messages, asked, crashed, operator } = await startFaultyGateway();

const send = ({ sqs, QueueUrl }: Pick<TestFunction, 'sqs' | 'QueueUrl'>, MessageBody = 'x') =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

function sendMany({ sqs, QueueUrl }: TestFunction, count: number) {
  const Entries = Array.from({ length: count }, (_, index) => ({
    Id: `${index}`,
    MessageBody: `body ${index}`,
  }));
  return sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
}

const bodies = async ({ QueueUrl }: TestFunction) =>
  (await messages(QueueUrl)).map(({ Body }) => Body).sort();

const put = ({ s3 }: Pick<TestFunction, 's3'>, Key: string, Body: string | Uint8Array = 'x') =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

const isThere = (Key: string) =>
  operator.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key })).then(
    () => true,
    () => false,
  );

/** The same at the first call of all, and nothing at the next ones. */
const once = (fault: CallFault) => {
  const left = [fault];
  return () => left.shift();
};

const BOTH = ['before', 'after'] as const;

describe.each(BOTH)('an error %s the call', (when) => {
  const error = { kind: 'error', when, code: 'ServiceUnavailable', status: 503 } as const;
  const answer = {
    name: 'ServiceUnavailable',
    message: 'an injected fault',
    $metadata: { httpStatusCode: 503 },
  };

  it('of SQS has the response of SQS, and the message is sent only for an error after the call', async () => {
    const caller = begin(once(error));
    await expect(send(caller, 'first')).rejects.toMatchObject(answer);
    expect(await bodies(caller)).toEqual(when === 'after' ? ['first'] : []);
    await send(caller, 'second');
    expect(await bodies(caller)).toEqual(when === 'after' ? ['first', 'second'] : ['second']);
  });

  it('of S3 has the response of S3, and the object exists only for an error after the call', async () => {
    const caller = begin(once(error));
    const key = `error ${when}.csv`;
    await expect(put(caller, key)).rejects.toMatchObject(answer);
    expect(await isThere(key)).toBe(when === 'after');
    await put(caller, key);
    expect(await isThere(key)).toBe(true);
  });
});

describe.each(BOTH)('a connection that breaks %s the call', (when) => {
  const reset = { kind: 'reset', when } as const;
  const broken = { code: 'ECONNRESET' };

  it('gives the caller no response, and the call takes effect only for a break after it', async () => {
    const caller = begin(once(reset));
    await expect(send(caller, 'first')).rejects.toMatchObject(broken);
    expect(await bodies(caller)).toEqual(when === 'after' ? ['first'] : []);
    await send(caller, 'second');
    expect(await bodies(caller)).toEqual(when === 'after' ? ['first', 'second'] : ['second']);
  });

  it('takes effect on S3 only for a break after the call', async () => {
    const key = `reset ${when}.csv`;
    await put(operator, `${key} to delete`);
    const caller = begin(() => reset);
    await expect(put(caller, key, 'x'.repeat(300_000))).rejects.toMatchObject(broken);
    expect(await isThere(key)).toBe(when === 'after');
    const removal = new DeleteObjectCommand({ Bucket: BUCKET, Key: `${key} to delete` });
    await expect(caller.s3.send(removal)).rejects.toMatchObject(broken);
    expect(await isThere(`${key} to delete`)).toBe(when === 'before');
  });
});

describe('an object whose connection breaks', () => {
  const bytes = new Uint8Array(5 * 1024 ** 2).fill(7);
  const get = ({ s3 }: TestFunction, Key: string) => s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));

  it.each(['reset', 'crash'] as const)('by a %s after the call arrives partially', async (kind) => {
    await put(operator, 'large.csv', bytes);
    const caller = begin(once({ kind, when: 'after' }));
    let received = 0;
    const read = async () => {
      const { Body } = await get(caller, 'large.csv');
      for await (const chunk of Body as AsyncIterable<Uint8Array>) received += chunk.length;
    };
    await expect(read()).rejects.toThrow();
    expect(received).toBeLessThan(bytes.length);
    const whole = await get(caller, 'large.csv');
    expect((await whole.Body!.transformToByteArray()).length).toBe(bytes.length);
  });

  it('before the call does not arrive', async () => {
    await put(operator, 'large.csv', bytes);
    await expect(get(begin(once({ kind: 'reset', when: 'before' })), 'large.csv')).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
  });
});

describe('a delay', () => {
  it('delays only one call, which then succeeds', async () => {
    const caller = begin(once({ kind: 'delay', milliseconds: 400 }));
    const start = performance.now();
    const slow = send(caller, 'slow').then(() => performance.now() - start);
    await expect.poll(() => asked.length).toBe(1);
    await send(caller, 'fast');
    expect(await bodies(caller)).toEqual(['fast']);
    expect(await slow).toBeGreaterThanOrEqual(399);
    expect(await bodies(caller)).toEqual(['fast', 'slow']);
  });
});

describe('a partially refused batch', () => {
  it('has every second entry refused, starting with the first, and only the others arrive', async () => {
    const caller = begin(once({ kind: 'partial' }));
    const { Successful, Failed } = await sendMany(caller, 5);
    expect(Failed!.map(({ Id, SenderFault }) => [Id, SenderFault])).toEqual([
      ['0', false],
      ['2', false],
      ['4', false],
    ]);
    expect(Successful!.map(({ Id }) => Id)).toEqual(['1', '3']);
    expect(Successful![0]!.MessageId).toMatch(/\w/);
    expect(await bodies(caller)).toEqual(['body 1', 'body 3']);
  });

  it('is refused completely if it has one entry', async () => {
    const caller = begin(once({ kind: 'partial' }));
    const { Successful, Failed } = await sendMany(caller, 1);
    expect([Successful?.length ?? 0, Failed!.map(({ Id }) => Id)]).toEqual([0, ['0']]);
    expect(await bodies(caller)).toEqual([]);
  });

  it('may delete messages: the refused ones still exist', async () => {
    const { sqs, QueueUrl, ...caller } = begin(({ action }) =>
      action === 'DeleteMessageBatch' ? { kind: 'partial' } : undefined,
    );
    await sendMany({ ...caller, sqs, QueueUrl }, 4);
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const Entries = received.Messages!.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    const { Successful, Failed } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect([Successful, Failed].map((ids) => ids!.map(({ Id }) => Id))).toEqual([
      ['1', '3'],
      ['0', '2'],
    ]);
    const AttributeNames = ['ApproximateNumberOfMessagesNotVisible' as const];
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    expect(Attributes).toEqual({ ApproximateNumberOfMessagesNotVisible: '2' });
  });
});

describe.each(BOTH)('a crash %s the call', (when) => {
  it('terminates the calling copy of the function, and the call takes effect only for a crash after it', async () => {
    const caller = begin(once({ kind: 'crash', when }));
    await expect(send(caller)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(crashed).toEqual([caller.sessionToken]);
    expect(await bodies(caller)).toEqual(when === 'after' ? ['x'] : []);
  });
});

describe('a plan', () => {
  it('is called with the number of the call, counted from 1 for each function and action', async () => {
    const first = begin(() => undefined);
    const second = { ...first, ...begin(() => undefined) };
    for (const caller of [first, first, second]) await send(caller);
    await sendMany(first, 2);
    await send(first);
    await put(first, 'numbered.csv');
    expect(asked.map(({ requestBytes, ...call }) => call)).toEqual([
      { functionName: first.name, action: 'SendMessage', number: 1 },
      { functionName: first.name, action: 'SendMessage', number: 2 },
      { functionName: second.name, action: 'SendMessage', number: 1 },
      { functionName: first.name, action: 'SendMessageBatch', number: 1 },
      { functionName: first.name, action: 'SendMessage', number: 3 },
      { functionName: first.name, action: 'PutObject', number: 1 },
    ]);
  });

  it('is called with the size of the body in bytes', async () => {
    const caller = begin(() => undefined);
    for (const length of [100, 300]) await send(caller, 'x'.repeat(length));
    const [short, long] = asked.map(({ requestBytes }) => requestBytes);
    expect(short).toBeGreaterThan(100);
    expect(long! - short!).toBe(200);
  });

  it('counts a failed call, so that the next attempt has the next number', async () => {
    const caller = begin(({ number }) =>
      number === 1 ? { kind: 'error', when: 'before', code: 'Throttled', status: 400 } : undefined,
    );
    await expect(send(caller)).rejects.toMatchObject({ name: 'Throttled' });
    await send(caller);
    expect(asked.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('is called with the action name of each S3 request', async () => {
    const { s3 } = begin(() => undefined);
    const object = { Bucket: BUCKET, Key: 'parts.csv' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    const part = { ...object, UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: 'x' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload }));
    const aborted = await s3.send(new CreateMultipartUploadCommand(object));
    await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId: aborted.UploadId }));
    await (await s3.send(new GetObjectCommand(object))).Body!.transformToString();
    await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
    expect(asked.map(({ action }) => action)).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'CompleteMultipartUpload',
      'CreateMultipartUpload',
      'AbortMultipartUpload',
      'GetObject',
      'ListObjectVersions',
    ]);
  });

  it('is not called for the operator, whose calls never fail', async () => {
    const { QueueUrl } = begin(() => ({ kind: 'reset', when: 'before' }));
    await send({ sqs: operator.sqs, QueueUrl });
    await put(operator, 'of the operator.csv');
    expect(await isThere('of the operator.csv')).toBe(true);
    expect(await messages(QueueUrl)).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  it('does not hide an error of the service itself', async () => {
    const caller = begin(once({ kind: 'error', when: 'after', code: 'Throttled', status: 400 }));
    const elsewhere = new PutObjectCommand({ Bucket: 'another', Key: 'x', Body: 'x' });
    await expect(caller.s3.send(elsewhere)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
