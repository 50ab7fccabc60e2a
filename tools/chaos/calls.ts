import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { AcceptedCall } from '../../lambdas/core/api-answers.ts';
import type { RejectCode } from '../../lambdas/core/reject-codes.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { type ApiAnswer, type ApiClient, ApiSocket } from '../api-client.ts';
import type { Clients, Drop } from './clients.ts';
import { CALL_DATE, type MadeUpCall } from './made-up-call.ts';
import type { ExpectedRow } from './made-up-file.ts';

const RETRY_MILLISECONDS = 100;
const TIMEOUT_MILLISECONDS = 600_000;
const PASSING_STATUS = [429, 500, 503];
const PASSING_CODES = ['unavailable', 'internal-error'];

/** A call that the API accepted. */
export interface SentCall {
  readonly call: MadeUpCall;
  readonly answer: AcceptedCall;
}

/**
 * Sends a call again until the API accepts it, as a till does.
 * @throws {Error} if the API refuses it, or accepts it in two ways
 */
export async function sendCall(api: ApiClient, storeId: string, call: MadeUpCall): Promise<SentCall> {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  for (;;) {
    // A connection that breaks off, at any moment, is no answer.
    const answer = await tryCall(api, storeId, call).catch((error: Error) => {
      if (error instanceof RefusedError || Date.now() > deadline) throw error;
      return undefined;
    });
    if (answer !== undefined) return { call, answer };
    await sleep(RETRY_MILLISECONDS);
  }
}

class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** @returns undefined if the call must be sent again */
async function tryCall(api: ApiClient, storeId: string, call: MadeUpCall): Promise<AcceptedCall | undefined> {
  if (call.transport === 'socket') return askSocket(await api.fetchTicket(storeId), call);
  const answer = await api.sendItems(storeId, call.lines, call.idempotencyKey);
  if (answer.status === 202) return JSON.parse(answer.text) as AcceptedCall;
  if (PASSING_STATUS.includes(answer.status)) return undefined;
  throw new RefusedError(`a call was refused: ${describeAnswer(answer)}`);
}

async function askSocket(url: string, { lines }: MadeUpCall): Promise<AcceptedCall | undefined> {
  using socket = await ApiSocket.open(url);
  const message = `{"action":"transactions","id":"1","items":[${lines.join(',')}]}`;
  const answer = await socket.ask(message);
  if ('receipt' in answer) return answer as unknown as AcceptedCall;
  const { code } = Object(answer.error) as { code?: string };
  // API Gateway's own answers have no code.
  if (code === undefined || PASSING_CODES.includes(code)) return undefined;
  throw new RefusedError(`a message was refused: ${JSON.stringify(answer)}`);
}

function describeAnswer({ status, text }: ApiAnswer): string {
  return `${status} ${text.slice(0, 500)}`;
}

/**
 * Reads the objects with the collected calls of a store, and compares them with the calls.
 * @returns each object with the expected result of each line, and a description of each problem
 */
export async function findCollectedCalls(
  { s3, outputs: { bucketName: Bucket } }: Clients,
  storeId: string,
  sent: readonly SentCall[],
): Promise<{ drops: Drop[]; problems: string[] }> {
  const calls = new Map(sent.map(({ call, answer }) => [answer.receipt, call]));
  const problems = sent.flatMap(findAnswerProblems);
  const collected = new Set<string>();
  const drops: Drop[] = [];
  for (let KeyMarker: string | undefined; ; ) {
    const Prefix = buildUploadKey({ storeId, fileName: 'api/' });
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker }));
    for (const { Key = '', VersionId = '' } of page.Versions ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      const content = Buffer.from(await Body!.transformToByteArray());
      const [manifest = '', ...lines] = content.toString().trimEnd().split('\n');
      const rows = new Map<number, ExpectedRow>();
      const rejects = new Map<number, RejectCode>();
      let line = 2;
      for (const { receipt } of (JSON.parse(manifest) as { calls: { receipt: string }[] }).calls) {
        collected.add(receipt);
        const call = calls.get(receipt);
        if (call === undefined) problems.push(`${Key} has a call ${receipt} that was not accepted`);
        for (const [index, result] of (call?.results ?? []).entries()) {
          if (lines[line - 2] !== call!.lines[index]) problems.push(`${Key}: line ${line} was not sent so`);
          if (typeof result === 'string') rejects.set(line, result);
          else rows.set(line, result);
          line++;
        }
      }
      const file = { name: Key, content, date: CALL_DATE, rows, rejects };
      drops.push({ key: Key, versionId: VersionId, file, isDeleted: false });
    }
    KeyMarker = page.NextKeyMarker;
    if (!page.IsTruncated) break;
  }
  const lost = [...calls.keys()].filter((receipt) => !collected.has(receipt));
  return {
    drops,
    problems: [...problems, ...lost.map((receipt) => `${receipt} was accepted, and is in no object`)],
  };
}

/** Compares the results of calls, as the API returns them for their receipts, with what was sent. */
export async function findReceiptProblems(
  api: ApiClient,
  storeId: string,
  sent: readonly SentCall[],
): Promise<string[]> {
  const problems: string[] = [];
  for (const { call, answer } of sent) {
    const { status, text } = await fetchReceipt(api, `/stores/${storeId}/receipts/${answer.receipt}`);
    const found = JSON.parse(text) as { status: string; items?: number; rejected?: number };
    const { length: items } = call.results;
    const isRight = status === 200 && found.status === 'complete' && found.items === items;
    if (isRight && found.rejected === answer.refused.length) continue;
    problems.push(`${answer.receipt}, with ${items} items, has the result ${status} ${text}`);
  }
  return problems;
}

async function fetchReceipt(api: ApiClient, path: string): Promise<ApiAnswer> {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  for (;;) {
    const answer = await api.request('GET', path);
    if (!PASSING_STATUS.includes(answer.status) || Date.now() > deadline) return answer;
    await sleep(RETRY_MILLISECONDS);
  }
}

function findAnswerProblems({ call: { results }, answer }: SentCall): string[] {
  const refused = results.flatMap((result, index) =>
    typeof result === 'string' ? [`${index} ${result}`] : [],
  );
  const expected = `${results.length - refused.length} accepted; refused: ${refused}`;
  const found = `${answer.accepted} accepted; refused: ${answer.refused.map(({ index, code }) => `${index} ${code}`)}`;
  return found === expected ? [] : [`the answer for ${answer.receipt} is ${found}, expected ${expected}`];
}
