import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SignatureV4 } from '@smithy/signature-v4';
import { Argument } from 'commander';
import { plural } from '../../lambdas/core/plural.ts';
import { buildUploadKey, DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { CONTROL_PATH } from '../../local/gateway/control.ts';
import type { CloudClient } from '../cloud-client.ts';
import type { CommandSpec } from '../command.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { Io } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';
import { waitForUploads } from '../wait-for-uploads.ts';
import { countMessages } from '../waiting-messages.ts';

const SAMPLE = 'retail_16_03_2025.csv';
const SAMPLE_PATH = fileURLToPath(new URL(`../../samples/${SAMPLE}`, import.meta.url));
/** Time for which the database is away, once rows wait for it. */
const OUTAGE_MILLISECONDS = 5_000;
/** Time in which the rows of the sample must come to the queue. */
const PATIENCE_MILLISECONDS = 60_000;

export const DRILL: CommandSpec<{ readonly dataDir: string }> = {
  name: 'drill',
  description: 'rehearse an outage of the database on this machine: rows wait, and none is lost',
  argument: new Argument('<drill>', 'the drill').choices(['outage']),
  help: `The database of the local cloud is stopped, a sample is uploaded, and the
database is started again. The rows of the sample are then in the table; those
that it already had count as duplicates.`,
  isLocal: true,
  stageAdvice:
    'A drill stops the database: it works only on this machine. docs/runbook.md rehearses a stage.',
  run: (_args, options, { io, withCloud }) => withCloud(options, (client) => rehearseOutage(client, io)),
};

async function rehearseOutage(client: CloudClient, io: Io): Promise<ExitCode> {
  await control(client, 'stop');
  io.print('The database is stopped.');
  let upload: Awaited<ReturnType<CloudClient['putFile']>>;
  let waiting: number;
  try {
    upload = await client.putFile(
      SAMPLE_PATH,
      buildUploadKey({ storeId: DEFAULT_STORE, fileName: SAMPLE }),
      () => {},
    );
    io.print(`Uploaded ${SAMPLE}.`);
    waiting = await waitForBatches(client);
    io.print(
      `${formatNumber(waiting)} ${plural(waiting, 'message')} with its rows ${plural(waiting, 'waits', 'wait')} in the queue. The database stays away for a moment.`,
    );
    await sleep(OUTAGE_MILLISECONDS);
  } finally {
    await control(client, 'start');
    io.print('The database is started again.');
  }
  const [entry] = await waitForUploads(client, [upload], io);
  const left = await countMessages(client, client.access.outputs.rowQueueUrl);
  io.print(describeResult(entry!));
  const isKept = entry!.status === 'complete' && addsUp(entry!);
  io.print(
    isKept && left === 0
      ? 'The queue is empty, and every row is accounted for.'
      : 'Not every row is accounted for: run "retail verify" and "retail dlq".',
  );
  return isKept ? EXIT.done : EXIT.failed;
}

function describeResult({
  rowsRead,
  rowsInserted,
  rowsDuplicate,
  rowsConflicting,
  rowsRejected,
}: LedgerEntry): string {
  const parts = [
    [rowsInserted, 'inserted'],
    [rowsDuplicate, 'duplicate'],
    [rowsConflicting, 'conflicting'],
    [rowsRejected, 'rejected'],
  ] as const;
  const texts = parts.map(([count, fate]) => `${formatNumber(count)} ${fate}`);
  return `${formatNumber(rowsRead)} ${plural(rowsRead, 'row was', 'rows were')} read: ${texts.join(', ')}.`;
}

function addsUp(entry: LedgerEntry): boolean {
  const { rowsRead, rowsInserted, rowsDuplicate, rowsConflicting } = entry;
  const { rowsRejected, rowsRetracted, rowsReplaced } = entry;
  const kept = rowsInserted + rowsDuplicate + rowsConflicting + rowsRejected;
  return rowsRead === kept + rowsRetracted + rowsReplaced;
}

/** Waits until rows wait for the database. @returns the number of messages */
async function waitForBatches(client: CloudClient): Promise<number> {
  for (
    const end = Date.now() + PATIENCE_MILLISECONDS;
    Date.now() < end;
    await sleep(client.access.pollMilliseconds)
  ) {
    const waiting = await countMessages(client, client.access.outputs.rowQueueUrl);
    if (waiting > 0) return waiting;
  }
  throw new UserError('the rows of the sample did not come to the queue', EXIT.failed);
}

/** @throws {UserError} if the local cloud cannot stop or start its database */
async function control({ sqs, access }: CloudClient, action: 'stop' | 'start'): Promise<void> {
  const { region, credentials, sha256 } = sqs.config;
  const { protocol, host, hostname, origin } = new URL(access.connection.endpoint!);
  const path = `${CONTROL_PATH}database/${action}`;
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256 });
  const { headers } = await signer.sign({ method: 'POST', protocol, hostname, path, headers: { host } });
  const { host: _, ...sent } = headers;
  const response = await fetch(`${origin}${path}`, { method: 'POST', headers: sent });
  if (response.ok) return;
  const { detail } = (await response.json()) as { detail: string };
  throw new UserError(detail, EXIT.failed);
}
