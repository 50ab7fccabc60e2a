import type { S3Client } from '@aws-sdk/client-s3';
import openApi from '../../docs/openapi.json' with { type: 'json' };
import { buildUploadKey } from '../core/upload-key.ts';
import type { RouteName } from '../shared/api-routes.ts';
import { isReceipt } from '../shared/receipt.ts';
import { createTicket } from '../shared/ticket.ts';
import { acceptCall, type CallResources, findRules, IDEMPOTENCY_KEY } from './accept-call.ts';
import { type HttpEvent, storeOfPath, storesOf } from './callers.ts';
import { CURSOR, type Ledger, UPLOAD_ID, type UploadEntry } from './ledger.ts';
import { bucketUrlOf, createForm } from './presigned-post.ts';
import { type Answer, answerJson, ProblemError } from './problem.ts';
import { countMessages, type QueuePair } from './queues.ts';
import { parseJson, readItems, readText } from './read-body.ts';
import { describeIssues, UploadRequest } from './schemas.ts';

/** Time in which an upload must begin. */
const FORM_MILLISECONDS = 15 * 60_000;
/** S3 limits keys to 1,024 bytes. */
const MAX_KEY_BYTES = 1_024;
const MAX_LINE = 2_147_483_647;

export interface ApiResources extends CallResources {
  readonly s3: S3Client;
  readonly ledger: Ledger;
  readonly webSocketUrl: string;
  readonly region: string;
  /** Endpoint of S3 in place of that of AWS. */
  readonly endpoint: string | undefined;
  readonly queues: Readonly<Record<'calls' | 'uploads' | 'rows', QueuePair>>;
}

type Handler = (event: HttpEvent, resources: ApiResources) => Promise<Answer>;

/** The handler of each route. */
export const HANDLERS: Readonly<Record<RouteName, Handler>> = {
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
    const found = await ledger.findReceipt(storeId, receipt);
    return answerJson(200, { receipt, ...(found ?? { status: 'waiting' }) });
  },

  listUploads: async ({ queryStringParameters = {}, requestContext }, { ledger }) => {
    const { store, before = '' } = queryStringParameters;
    if (before !== '' && !CURSOR.test(before)) {
      const detail =
        'The parameter "before" is not a position. Send the value of "next" of an earlier answer.';
      throw new ProblemError('parameter-invalid', detail);
    }
    const allowed = storesOf(requestContext);
    if (store === undefined) return answerJson(200, await ledger.listUploads(allowed, before));
    const isKnown = allowed === undefined || allowed.includes(store);
    if (!isKnown || store === '' || store.includes(',')) return answerJson(200, { uploads: [] });
    return answerJson(200, await ledger.listUploads([store], before));
  },

  getUpload: async (event, { ledger }) => answerJson(200, await findUpload(event, ledger)),

  listRejects: async (event, { ledger }) => {
    const { after = '0' } = event.queryStringParameters ?? {};
    if (!/^\d{1,10}$/.test(after) || Number(after) > MAX_LINE) {
      const detail = 'The parameter "after" is not a line. Send the value of "next" of an earlier answer.';
      throw new ProblemError('parameter-invalid', detail);
    }
    const { uploadId } = await findUpload(event, ledger);
    return answerJson(200, await ledger.listRejects(uploadId, Number(after)));
  },

  getStatus: async (_event, { sqs, queues: { calls, uploads, rows } }) => {
    const [inCalls, inUploads, inRows] = await Promise.all(
      [calls, uploads, rows].map((pair) => countMessages(sqs, pair)),
    );
    return answerJson(200, { calls: inCalls, uploads: inUploads, rows: inRows });
  },

  getDocument: async () => answerJson(200, openApi),
};

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

async function findUpload(event: HttpEvent, ledger: Ledger): Promise<UploadEntry> {
  const id = event.pathParameters?.id?.toLowerCase() ?? '';
  const stores = storesOf(event.requestContext);
  const upload = UPLOAD_ID.test(id) ? await ledger.findUpload(id, stores) : undefined;
  if (upload !== undefined) return upload;
  throw new ProblemError(
    'not-found',
    'The ledger has no such upload yet. GET /uploads lists those that it has.',
  );
}
