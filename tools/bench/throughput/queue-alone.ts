import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Gateway } from '../../../local/gateway/gateway.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import { readQueueSettings } from '../../../local/sqs/queue-engine.ts';
import { Queues } from '../../../local/sqs/queues.ts';
import { SqliteQueueEngine } from '../../../local/sqs/sqlite-engine.ts';
import { SqsService } from '../../../local/sqs/sqs-service.ts';

/** Sending, receiving and deleting the messages through the gateway, one after the other. */
export async function timeQueue(dir: string, messages: readonly string[]): Promise<number> {
  const access = new AccessControl((error) => {
    throw error;
  });
  const gateway = new Gateway(access, (error) => console.error(error));
  const endpoint = await gateway.listen(0);
  const QueueUrl = `${endpoint}/000000000000/bench`;
  const arn = 'arn:aws:sqs:us-east-1:000000000000:bench';
  const attributes = { MaximumMessageSize: '1048576' };
  const queues = readQueueSettings([{ name: 'bench', arn, url: QueueUrl, attributes }]);
  const engine = new SqliteQueueEngine(dir, queues);
  const sqs = new SqsService(new Queues(queues, engine), access);
  gateway.serve({ s3: sqs, sqs, 'rds-data': sqs, secretsmanager: sqs });
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' };
  const client = new SQSClient({ endpoint, region: 'us-east-1', credentials });
  const started = performance.now();
  for (const MessageBody of messages) {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]!.ReceiptHandle }));
  }
  const seconds = (performance.now() - started) / 1_000;
  client.destroy();
  engine.close();
  await gateway.close();
  return seconds;
}
