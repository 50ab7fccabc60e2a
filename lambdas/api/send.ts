import { buildUploadKey } from '../core/upload-key.ts';
import { isReceipt } from '../shared/receipt.ts';
import { createTicket } from '../shared/ticket.ts';
import { acceptCall, findRules, IDEMPOTENCY_KEY } from './accept-call.ts';
import { type HttpEvent, storeOfPath } from './callers.ts';
import { findReceipt } from './find-receipt.ts';
import { bucketUrlOf, createForm } from './presigned-post.ts';
import { answerJson, ProblemError } from './problem.ts';
import { parseJson, readItems, readText } from './read-body.ts';
import type { Handler } from './resources.ts';
import { describeIssues, UploadRequest } from './schemas.ts';

/** Time in which an upload must begin. */
const FORM_MILLISECONDS = 15 * 60_000;
/** S3 limits keys to 1,024 bytes. */
const MAX_KEY_BYTES = 1_024;

/** The handlers of the routes for tills, by which transactions and files come in. */
export const SEND_HANDLERS = {
  sendTransactions: async (event, resources) => {
    const storeId = storeOfPath(event);
    const idempotencyKey = readIdempotencyKey(event);
    const lines = readItems(event);
    const content = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString();
    return answerJson(202, await acceptCall({ storeId, lines, content, idempotencyKey }, resources));
  },

  createUpload: async (event, resources) => {
    const storeId = storeOfPath(event);
    findRules(storeId, resources.rules);
    const { fileName, size } = readUploadRequest(event);
    const key = buildUploadKey({ storeId, fileName });
    if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
      throw new ProblemError('body-invalid', 'The name of the file is too long. Shorten it.');
    }
    const { s3, bucketName, endpoint, region } = resources;
    const now = new Date();
    const expiresAt = new Date(now.getTime() + FORM_MILLISECONDS);
    const signer = { ...(await s3.config.credentials()), region };
    const fields = createForm({ bucketName, key, size }, signer, { now, expiresAt });
    const url = endpoint ? `${endpoint}/${bucketName}` : bucketUrlOf(bucketName, region);
    return answerJson(201, { url, fields, expiresAt: expiresAt.toISOString() });
  },

  createTicket: async (event, { secret, rules, webSocketUrl }) => {
    const storeId = storeOfPath(event);
    findRules(storeId, rules);
    const { text: ticket, expiresAt } = createTicket(await secret.read(), storeId);
    return answerJson(201, { ticket, url: webSocketUrl, expiresAt: expiresAt.toISOString() });
  },

  getReceipt: async (event, { secret, ledger }) => {
    const storeId = storeOfPath(event);
    const { receipt = '' } = event.pathParameters ?? {};
    if (!isReceipt(await secret.read(), storeId, receipt)) {
      throw new ProblemError('not-found', `The API gave no call of the store "${storeId}" this receipt.`);
    }
    const found = await findReceipt(storeId, receipt, ledger);
    return answerJson(200, { receipt, ...(found ?? { status: 'waiting' }) });
  },
} as const satisfies Readonly<Record<string, Handler>>;

function readIdempotencyKey({ headers }: HttpEvent): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || IDEMPOTENCY_KEY.test(key)) return key;
  throw new ProblemError('idempotency-key-invalid', 'A key has from 1 to 255 printable ASCII characters.');
}

function readUploadRequest(event: HttpEvent): { fileName: string; size: number } {
  const { success, data, error } = UploadRequest.safeParse(parseJson(readText(event, ['application/json'])));
  if (success) return data;
  throw new ProblemError('body-invalid', `Correct the body: ${describeIssues(error.issues)}.`);
}
