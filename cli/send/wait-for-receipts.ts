import { plural } from '../../lambdas/core/plural.ts';
import type { CloudClient } from '../cloud-client.ts';
import type { Io } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';
import { waitUntilDone } from '../wait-for-uploads.ts';

/** Receipts that one statement looks up: a response of the Data API has at most 1 MiB. */
const PAGE_SIZE = 200;

/** Result of a call, as the ledger has it; the counts are there when its upload is complete. */
export interface CallResult {
  readonly receipt: string;
  readonly uploadId: string;
  readonly status: string;
  readonly items: number;
  readonly inserted: number | null;
  readonly duplicate: number | null;
  readonly conflicting: number | null;
  readonly rejected: number | null;
}

/**
 * Waits until the ledger has the result of each call, and shows the progress.
 * @returns the results, in the same order
 */
export async function waitForReceipts(
  client: CloudClient,
  store: string,
  receipts: readonly string[],
  io: Io,
): Promise<CallResult[]> {
  const results = new Map<string, CallResult>();
  const findOpen = () => receipts.filter((receipt) => !isDone(results.get(receipt)));
  const safety = { thing: 'call', place: 'in the queue or the bucket', total: receipts.length };
  await waitUntilDone(client, io, safety, async () => {
    for (const result of await readResults(client, store, findOpen().slice(0, PAGE_SIZE))) {
      results.set(result.receipt, result);
    }
    const open = findOpen().length;
    const rows = [...results.values()].filter(isDone).reduce((sum, { items }) => sum + items, 0);
    const text = `loading: ${receipts.length - open} of ${receipts.length} ${plural(receipts.length, 'call')} done, ${formatNumber(rows)} ${plural(rows, 'item')} loaded`;
    return { open, rows, text };
  });
  return receipts.map((receipt) => results.get(receipt)!);
}

const isDone = (result: CallResult | undefined) => result !== undefined && result.status !== 'loading';

/** Reads the results of the calls that the ledger has, without their rejected items. */
async function readResults(
  client: CloudClient,
  store: string,
  receipts: readonly string[],
): Promise<CallResult[]> {
  const rows = await client.rows(
    `SELECT receipt, CAST(result - 'rejects' AS text)
     FROM json_array_elements_text(CAST(:receipts AS json)) AS asked(receipt)
     CROSS JOIN LATERAL CAST(ledger.find_receipt(CAST(receipt AS uuid), CAST(:store AS text)) AS jsonb) AS found(result)
     WHERE result IS NOT NULL`,
    { receipts: JSON.stringify(receipts), store },
  );
  return rows.map(([receipt = '', json = '']) => ({ ...(JSON.parse(json) as CallResult), receipt }));
}
