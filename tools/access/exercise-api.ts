import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { API_OUTPUTS, STACK_OUTPUTS, tillPolicyOutput } from '../../lambdas/shared/stacks.ts';
import type { FaultPlan } from '../../local/faults/fault-plan.ts';
import { accessKeyOf } from '../../local/iam/access-control.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { ApiClient, ApiSocket } from '../api-client.ts';
import { failFirst } from './call-faults.ts';
import { waitUntilUsed } from './wait.ts';

const STORE_PATH = `/stores/${DEFAULT_STORE}`;
const FILE = 'id\n';
/** Routes of operators without the id of an upload. */
const READS = [
  ...[
    '/session',
    `${STORE_PATH}/rules`,
    '/uploads',
    '/status',
    '/openapi.json',
    '/products',
    '/days',
    '/alarms',
  ],
  ...['/numbers/balance?product=Tea', '/numbers/top-products', '/numbers/sold', '/numbers/rejects'],
  '/transactions?day=2025-03-14',
  '/checks',
];

const DEAD_LETTER_QUEUES = {
  calls: API_OUTPUTS.callDeadLetterQueueUrl,
  uploads: STACK_OUTPUTS.pipeline.uploadDeadLetterQueueUrl,
  rows: STACK_OUTPUTS.pipeline.rowDeadLetterQueueUrl,
  notices: STACK_OUTPUTS.pipeline.noticeDeadLetterQueueUrl,
};

/** Calls every route of the HTTP API as the principal whose policy allows it, and opens a connection with a ticket. */
export async function useApi(cloud: LocalCloud, sqs: SQSClient, faults: FaultPlan): Promise<void> {
  const { outputs } = cloud.running;
  const keyOf = (output: string) => accessKeyOf(outputs[output]!.split('/').at(-1)!);
  const till = keyOf(tillPolicyOutput(DEFAULT_STORE));
  const operator = keyOf(STACK_OUTPUTS.pipeline.operatorPolicyArn);
  using api = new ApiClient(() => cloud.running);
  /** @throws {Error} unless the API answers with the status. @returns the answer's members */
  const call = async (status: number, accessKeyId: string, route: string, sent?: object) => {
    const [method = '', path = ''] = route.split(' ');
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'access' };
    const body = sent === undefined ? undefined : JSON.stringify(sent);
    const answer = await api.request(method, path, { accessKeyId, headers, ...(body && { body }) });
    if (answer.status !== status) throw new Error(`${route}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  };

  // As many failures as two collectors make attempts, each for one of the two calls: the messages return to the queue.
  Object.assign(faults, failFirst('collect', 'PutObject', 6, 'SlowDown', 503));
  const { receipt } = await call(202, till, `POST ${STORE_PATH}/transactions`, [{}]);
  // The content of the key is compared.
  await call(202, till, `POST ${STORE_PATH}/transactions`, [{}]);
  await waitUntilUsed(cloud, 'sqs:ChangeMessageVisibility', 'collect');
  for (const path of [`receipts/${receipt}`, 'rules']) await call(200, till, `GET ${STORE_PATH}/${path}`);
  const asked = { fileName: 'retail_14_03_2025_form.csv', size: FILE.length };
  await postForm(await call(201, till, `POST ${STORE_PATH}/uploads`, asked));
  const { url, ticket } = await call(201, till, `POST ${STORE_PATH}/tickets`);
  using socket = await ApiSocket.open(`${url}?ticket=${ticket}`);
  await socket.ask(JSON.stringify({ action: 'ping' }));

  await call(202, operator, `POST ${STORE_PATH}/transactions`, [{}]);
  await call(201, operator, `POST ${STORE_PATH}/tickets`);
  await call(201, operator, `POST ${STORE_PATH}/uploads`, asked);
  // Their results are there to be read.
  for (const check of ['sweep', 'verify']) await cloud.invoke(check);
  for (const path of READS) await call(200, operator, `GET ${path}`);
  const [{ uploadId }] = (await call(200, operator, 'GET /uploads')).uploads;
  for (const path of ['', '/rejects', '/reject-codes', '/conflicts'])
    await call(200, operator, `GET /uploads/${uploadId}${path}`);
  for (const [queue, output] of Object.entries(DEAD_LETTER_QUEUES)) {
    await sqs.send(new SendMessageCommand({ QueueUrl: outputs[output]!, MessageBody: 'not a message' }));
    await call(200, operator, 'GET /dead-letters');
    await call(200, operator, `POST /dead-letters/${queue}/redrive`, {});
  }
  const QueueUrl = outputs[API_OUTPUTS.callQueueUrl];
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'not a call' }));
}

/** Uploads a file with a presigned form. */
async function postForm({ url, fields }: { url: string; fields: Record<string, string> }): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([FILE]));
  const answer = await fetch(url, { method: 'POST', body: form });
  if (!answer.ok) throw new Error(`the form was refused: ${answer.status} ${await answer.text()}`);
}
