import { randomUUID } from 'node:crypto';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll } from 'vitest';
import type { CallFault, FunctionCall } from '../../../local/faults/fault-plan.ts';
import { faultyCalls } from '../../../local/faults/faulty-calls.ts';
import { ObjectStore } from '../../../local/s3/object-store.ts';
import { S3Service } from '../../../local/s3/s3-service.ts';
import { Queues } from '../../../local/sqs/fauxqs.ts';
import { SqsService } from '../../../local/sqs/sqs-service.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';
import { temporaryDir } from '../temporary-dir.ts';

const QUEUE_NAMES = Array.from({ length: 20 }, (_, index) => `queue-${index}`);

/** The gateway with S3, SQS and faults, for the tests of one file. To be called outside of tests. */
export async function startFaultyGateway(bucket: string) {
  /** What the plan was asked, and what it is to say. */
  const asked: FunctionCall[] = [];
  const crashed: string[] = [];
  let decide: (call: FunctionCall) => CallFault | undefined = () => undefined;

  const store = new ObjectStore(temporaryDir());
  const url = (name: string) => `http://127.0.0.1/000000000000/${name}`;
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const models = QUEUE_NAMES.map((name) => ({ name, arn: arn(name), url: url(name), attributes: {} }));
  const queues = await Queues.open(temporaryDir(), models);
  afterAll(() => {
    queues.close();
    store.close();
  });
  const gateway = await startGateway(
    (access) => ({
      s3: new S3Service({ store, buckets: [bucket], access, announce: async () => undefined }),
      sqs: new SqsService(queues, access),
    }),
    faultyCalls(
      {
        onCall(call) {
          asked.push(call);
          return decide(call);
        },
      },
      async (sessionToken) => void crashed.push(sessionToken),
    ),
  );

  let used = 0;
  function begin(next: typeof decide = () => undefined) {
    asked.length = 0;
    crashed.length = 0;
    decide = next;
    const name = randomUUID();
    const QueueUrl = url(QUEUE_NAMES[used++]!);
    addFunction(gateway.access, name, [allow(['s3:*', 'sqs:*'], '*')]);
    const config = configOf(gateway, name);
    const credentials = { ...config.credentials, sessionToken: `token of ${name}` };
    return {
      name,
      /** A queue that no other test uses. */
      QueueUrl,
      s3: new S3Client({ ...config, credentials, forcePathStyle: true }),
      sqs: new SQSClient({ ...config, credentials }),
    };
  }

  const operator = {
    s3: new S3Client({ ...configOf(gateway), forcePathStyle: true }),
    sqs: new SQSClient(configOf(gateway)),
  };
  return { begin, asked, crashed, operator, faults: gateway.faults };
}
