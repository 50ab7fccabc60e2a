import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Takes every message out of a queue. */
export async function takeAll(sqs: SQSClient, QueueUrl: string): Promise<{ body: string; reason: string }[]> {
  const taken: { body: string; reason: string }[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return taken;
    for (const { Body = '', ReceiptHandle, MessageAttributes } of Messages) {
      taken.push({ body: Body, reason: MessageAttributes?.reason?.StringValue ?? 'received too often' });
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
