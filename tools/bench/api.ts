import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { synthesize } from '../../local/assembly/synthesize.ts';
import { ApiClient, ApiSocket } from '../api-client.ts';
import { generateNdjson } from '../generator/generator.ts';
import { type BenchCloud, startCloud } from './cloud.ts';
import type { BenchContext } from './context.ts';
import { buildFileName, DATE, loadFile, writeSample } from './files.ts';
import { round } from './numbers.ts';

const CALLERS = 8;
const ITEMS_PER_CALL = 100;
/** One call takes so much longer than a row that a hundredth of the rows is enough. */
const SINGLE_SHARE = 100;
const WARM_UP_ROWS = 1_000;
const FIRST_SEED = 50_000;
/** The maximum of the setting, so that the throttle of the stage is not measured. */
const REQUESTS_PER_SECOND = 10_000;
const POLL_MILLISECONDS = 20;
const TIMEOUT_MILLISECONDS = 600_000;

/** Measures rows per second of the HTTP API, next to a file with the same number of rows. */
export async function measureApi(context: BenchContext, rows: number) {
  const assemblyDir = join(context.dir, 'assembly');
  await synthesize(LOCAL_PROJECT, assemblyDir, {
    'retail:apiRequestsPerSecond': String(REQUESTS_PER_SECOND),
  });
  await using cloud = await startCloud(join(context.dir, 'data'), assemblyDir);
  using api = new ApiClient(() => cloud.running);
  const file = join(context.dir, buildFileName('api'));
  await writeSample(file, rows, FIRST_SEED);
  await sendRows(api, cloud, { rows: WARM_UP_ROWS, itemsPerCall: ITEMS_PER_CALL, seed: FIRST_SEED + 1 });
  const fileSeconds = await loadFile(cloud.client, file, rows);
  context.note(`file: ${fileSeconds.toFixed(2)} s`);
  const fileRate = rows / fileSeconds;
  const measure = (what: string, count: number, seconds: number) => ({
    what,
    rows: count,
    seconds: round(seconds, 100),
    rowsPerSecond: Math.round(count / seconds),
    ratioToFile: round(count / seconds / fileRate, 1_000),
  });
  const measurements = [
    measure('file (reference), from object in the bucket to complete', rows, fileSeconds),
  ];
  const singles = Math.max(1, Math.ceil(rows / SINGLE_SHARE));
  const ways = [
    { name: `HTTP API, ${ITEMS_PER_CALL} items a call`, count: rows, itemsPerCall: ITEMS_PER_CALL },
    { name: 'HTTP API, 1 item a call', count: singles, itemsPerCall: 1 },
    {
      name: 'WebSocket API, 1 item a message',
      count: singles,
      itemsPerCall: 1,
      openCaller: openSocketCaller,
    },
  ];
  for (const [index, { name, count, ...way }] of ways.entries()) {
    const sent = await sendRows(api, cloud, { ...way, rows: count, seed: FIRST_SEED + 2 + index });
    measurements.push(measure(`${name}, until accepted`, count, sent.acceptedSeconds));
    measurements.push(measure(`${name}, until complete`, count, sent.completeSeconds));
    context.note(`${name}: ${sent.acceptedSeconds.toFixed(2)} s`);
  }
  return { ...context.measured, callers: CALLERS, measurements };
}

/** A connection over which calls are sent one after the other. */
interface Caller extends Disposable {
  /** @throws {Error} if the call is not accepted */
  send(lines: readonly string[]): Promise<void>;
}

interface Sending {
  readonly rows: number;
  readonly itemsPerCall: number;
  readonly seed: number;
  /** @default calls of the HTTP API */
  readonly openCaller?: (api: ApiClient) => Promise<Caller>;
}

async function openHttpCaller(api: ApiClient): Promise<Caller> {
  return {
    async send(lines) {
      const { status, text } = await api.sendItems(DEFAULT_STORE, lines);
      if (status !== 202) throw new Error(`a call was not accepted: ${status} ${text}`);
    },
    // The client keeps its connections.
    [Symbol.dispose]: () => undefined,
  };
}

async function openSocketCaller(api: ApiClient): Promise<Caller> {
  const socket = await ApiSocket.open(await api.fetchTicket(DEFAULT_STORE));
  return {
    async send(lines) {
      const answer = await socket.ask(`{"action":"transactions","id":"1","items":[${lines.join(',')}]}`);
      if (answer.accepted !== lines.length) throw new Error(`not accepted: ${JSON.stringify(answer)}`);
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}

/**
 * Sends rows over connections that stay open, and waits until the ledger has them.
 * @returns seconds from the first call to the last receipt, and to the last complete upload
 * @throws {Error} if a call is not accepted, or not every row is inserted
 */
async function sendRows(
  api: ApiClient,
  { database }: BenchCloud,
  { rows, itemsPerCall, seed, openCaller = openHttpCaller }: Sending,
) {
  const lines = writeItems(rows, seed);
  const calls = Array.from({ length: Math.ceil(rows / itemsPerCall) }, (_, index) =>
    lines.slice(index * itemsPerCall, (index + 1) * itemsPerCall),
  );
  const before = await countInserted(database);
  const started = performance.now();
  const waiting = calls.values();
  const work = async () => {
    using caller = await openCaller(api);
    for (const call of waiting) await caller.send(call);
  };
  await Promise.all(Array.from({ length: CALLERS }, work));
  const acceptedSeconds = (performance.now() - started) / 1_000;
  while ((await countInserted(database)) < before + rows) {
    if (performance.now() - started > TIMEOUT_MILLISECONDS) throw new Error('not every row was loaded');
    await sleep(POLL_MILLISECONDS);
  }
  return { acceptedSeconds, completeSeconds: (performance.now() - started) / 1_000 };
}

/** Generates the rows of a file as JSON lines. */
function writeItems(rows: number, seed: number): string[] {
  return [...generateNdjson({ rows, seed, date: DATE, days: 1, broken: 0 })].join('').trimEnd().split('\n');
}

async function countInserted(database: BenchCloud['database']): Promise<number> {
  const { rows } = await database.query<{ count: string }>(
    `SELECT coalesce(sum(rows_inserted), 0) AS count FROM ledger.uploads WHERE status = 'complete'`,
  );
  return Number(rows[0]!.count);
}
