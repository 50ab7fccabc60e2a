import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, expect } from 'vitest';
import type { CallFault, FunctionCall } from '../../../../local/faults/fault-plan.ts';
import { faultyCalls } from '../../../../local/faults/faulty-calls.ts';
import { ObjectStore } from '../../../../local/s3/object-store.ts';
import { S3Service } from '../../../../local/s3/s3-service.ts';
import { SqsService } from '../../../../local/sqs/sqs-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues } from '../open-queues.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';

export const BUCKET = 'uploads';
const MAX_TESTS = 50;

type Decide = (call: FunctionCall) => CallFault | undefined;

/** A function that calls AWS, with a queue that no other test has. */
export interface TestFunction {
  readonly name: string;
  readonly sessionToken: string;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly QueueUrl: string;
}

/** The gateway with S3 and SQS behind a fault plan, for the tests of one file. To be called outside of tests. */
export async function startFaultyGateway() {
  let decide: Decide;
  const asked: FunctionCall[] = [];
  const crashed: string[] = [];
  const plan = {
    onCall(call: FunctionCall) {
      asked.push(call);
      return decide(call);
    },
  };
  const store = new ObjectStore(temporaryDir());
  const names = Array.from({ length: MAX_TESTS }, (_, index) => `queue-${index}`);
  const { engine } = openQueues(
    temporaryDir(),
    names.map((name) => modelQueue(name)),
  );
  const crash = async (sessionToken: string) => void crashed.push(sessionToken);
  const gateway = await startGateway(
    (access) => ({
      s3: new S3Service({
        store,
        buckets: [BUCKET],
        notifications: [],
        access,
        announce: async () => undefined,
      }),
      sqs: new SqsService(engine, access),
    }),
    faultyCalls(plan, crash),
  );
  const clients = (accessKey?: string, more: object = {}) => {
    const { credentials, ...config } = configOf(gateway, accessKey);
    const all = { ...config, credentials: { ...credentials, ...more } };
    return { s3: new S3Client({ ...all, forcePathStyle: true }), sqs: new SQSClient(all) };
  };
  const operator = clients();
  // None of these faults is one of the local cloud itself.
  afterEach(() => expect(gateway.faults.splice(0)).toEqual([]));
  afterAll(() => {
    engine.close();
    store.close();
  });

  /** Begins a test, in which this goes wrong. */
  function begin(next: Decide): TestFunction {
    decide = next;
    asked.length = 0;
    crashed.length = 0;
    const [name, sessionToken] = [randomUUID(), randomUUID()];
    addFunction(gateway.access, name, [allow(['s3:*', 'sqs:*'], '*')]);
    const QueueUrl = `${gateway.endpoint}/000000000000/${names.shift()}`;
    return { name, sessionToken, QueueUrl, ...clients(name, { sessionToken }) };
  }

  /** The messages of a queue, as the operator sees them. */
  async function messages(QueueUrl: string): Promise<Message[]> {
    const request = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    return (await operator.sqs.send(request)).Messages ?? [];
  }

  return { begin, messages, asked, crashed, operator };
}
