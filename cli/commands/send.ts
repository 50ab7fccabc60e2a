import { open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { Argument, Option } from 'commander';
import { plural } from '../../lambdas/core/plural.ts';
import { DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, storeOption } from '../command.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';
import type { Caller, PassingError } from '../send/caller.ts';
import { groupLines, readLines } from '../send/group-lines.ts';
import { HttpApi, HttpCaller } from '../send/http-api.ts';
import { type SendCounts, type SendResult, sendCalls } from '../send/send-calls.ts';
import { type CallResult, waitForReceipts } from '../send/wait-for-receipts.ts';
import { WebSocketCaller } from '../send/web-socket.ts';

/** Refused lines that are printed. */
const MAX_PRINTED = 20;
const STANDARD_INPUT = '-';

interface SendOptions extends CommonOptions {
  readonly store?: string;
  readonly ws: boolean;
  readonly token?: string;
  readonly wait: boolean;
}

export const SEND: CommandSpec<SendOptions> = {
  name: 'send',
  description: 'send transactions over the API, and wait until they are loaded',
  argument: new Argument('<file>', 'transactions, one JSON object a line; - for standard input'),
  options: [
    storeOption(`"${DEFAULT_STORE}"`),
    new Option('--ws', 'over the WebSocket API instead of the HTTP API').default(false),
    new Option(
      '--token <jwt>',
      'JSON Web Token, for a stage whose API accepts only tokens (environment: RETAIL_API_TOKEN)',
    ),
    new Option('--no-wait', 'return when the API has accepted all calls'),
  ],
  async run([path = ''], options, { io, withCloud }) {
    const input = path === STANDARD_INPUT ? process.stdin : await openFile(path);
    return withCloud(options, (client) => send(client, io, input, options));
  },
};

async function openFile(path: string): Promise<Readable> {
  try {
    const file = await open(path);
    const isFile = (await file.stat()).isFile();
    if (isFile) return file.createReadStream();
    await file.close();
  } catch (cause) {
    throw new UserError(`${path} cannot be read: ${(cause as Error).message}`, EXIT.failed, { cause });
  }
  throw new UserError(`${path} is not a file: "retail load" loads folders`);
}

async function send(client: CloudClient, io: Io, input: Readable, options: SendOptions): Promise<ExitCode> {
  const { store = DEFAULT_STORE, wait, json } = options;
  const caller = createCaller(client, io, options);
  const stop = new AbortController();
  addAbortSignal(stop.signal, input);
  const groups = groupLines(readLines(input, caller.limits.bytes), caller.limits);
  const showCounts = (counts: SendCounts) => io.showProgress(`sending: ${formatCounts(counts)}`);
  const sent = await sendCalls(groups, caller, showCounts, () => stop.abort());
  caller.close();
  io.showProgress(undefined);
  if (!json && sent.calls > 0) printSent(io, sent);
  if (sent.failure !== undefined) throw explainStop(sent);
  const results = wait ? await waitForReceipts(client, store, sent.receipts, io) : [];
  const { refusedLines, receipts, calls, items, accepted, refused } = sent;
  if (json) printJson({ calls, items, accepted, refused, refusedLines, receipts, results }, io);
  else if (wait) printResults(client, io, results);
  else if (calls > 0) io.note(`"${client.commandLine('uploads')}" shows when they are loaded.`);
  return exitCodeFor(sent, results);
}

function createCaller(client: CloudClient, io: Io, options: SendOptions): Caller {
  const { store = DEFAULT_STORE, ws, token = process.env.RETAIL_API_TOKEN } = options;
  const { outputs, name } = client.access;
  if (outputs.httpApiUrl === undefined) {
    throw new UserError(`${name} has no API: set retail:api to true in cdk.json, and deploy again`);
  }
  let isTold = false;
  const onRetry = (error: PassingError) => {
    if (!isTold) io.note(`Trying again: ${error.message}.`);
    isTold = true;
  };
  const api = new HttpApi(outputs.httpApiUrl, store, client.sqs.config, token);
  return ws ? new WebSocketCaller(api, { onRetry }) : new HttpCaller(api, { onRetry });
}

/** Counts the results of the calls. */
function sum(results: readonly CallResult[], name: 'inserted' | 'duplicate' | 'conflicting' | 'rejected') {
  return results.reduce((total, result) => total + (result[name] ?? 0), 0);
}

function formatCounts({ calls, items, accepted, refused }: SendCounts): string {
  const count = (number: number, thing: string) => `${formatNumber(number)} ${plural(number, thing)}`;
  return `${count(items, 'item')} in ${count(calls, 'call')}, ${formatNumber(accepted)} accepted, ${formatNumber(refused)} refused`;
}

function printSent(io: Io, sent: SendResult): void {
  for (const { line, field, code, message } of sent.refusedLines.slice(0, MAX_PRINTED)) {
    io.print(`line ${line}${field && `, ${field}`} (${code}): ${message}`);
  }
  const more = sent.refused - Math.min(sent.refusedLines.length, MAX_PRINTED);
  if (more > 0) io.print(`… and ${formatNumber(more)} more`);
  io.print(`Sent ${formatCounts(sent)}.`);
  const [first, last] = [sent.receipts.at(0), sent.receipts.at(-1)];
  if (first === undefined) return;
  io.print(first === last ? `Receipt ${first}.` : `Receipts from ${first} to ${last}.`);
}

function printResults(client: CloudClient, io: Io, results: readonly CallResult[]): void {
  if (results.length === 0) return;
  const names = ['inserted', 'duplicate', 'conflicting', 'rejected'] as const;
  const counts = names.map((name) => `${formatNumber(sum(results, name))} ${name}`);
  io.print(`In the ledger: ${counts.join(', ')}.`);
  const uploadIds = (isShown: (result: CallResult) => boolean) => [
    ...new Set(results.filter(isShown).map(({ uploadId }) => uploadId.slice(0, 8))),
  ];
  const [setAside] = uploadIds(({ conflicting, rejected }) => (conflicting ?? 0) + (rejected ?? 0) > 0);
  if (setAside !== undefined)
    io.print(`"${client.commandLine('rejects', setAside)}" shows the rejected and conflicting ones.`);
  const failed = uploadIds(isFailed);
  if (failed.length > 0) {
    io.print(`Failed uploads: ${failed.join(', ')}. "${client.commandLine('uploads')}" says why.`);
  }
}

const isFailed = ({ status }: CallResult) => status === 'failed';

/** Adds to an error how to continue. An error of AWS stays as it is, to be explained with the stage. */
function explainStop({ failure, items }: SendResult): unknown {
  if (!(failure instanceof UserError)) return failure;
  const message =
    `${failure.message.replace(/\.$/, '')}. The API has ${formatNumber(items)} items. ` +
    'Correct the cause and send all again: what it has is not loaded twice';
  return new UserError(message, EXIT.failed, { cause: failure });
}

function exitCodeFor({ refused }: SendResult, results: readonly CallResult[]): ExitCode {
  if (results.some(isFailed)) return EXIT.failed;
  const setAside = refused + sum(results, 'conflicting') + sum(results, 'rejected');
  return setAside > 0 ? EXIT.rowsSetAside : EXIT.done;
}
