import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import { buildUploadKey } from '../../../lambdas/core/upload-key.ts';

/** How often the ledger is looked at: by so much at most the time is too long. */
const LOOK_MILLISECONDS = 1;
const PATIENCE_MILLISECONDS = 30_000;

export interface LoadTime {
  /** Until S3 has answered. */
  readonly putMilliseconds: number;
  /** Until a reader of the ledger sees the complete upload. */
  readonly completeMilliseconds: number;
}

/** Drops a file as the command line does, and waits until its upload is complete. */
export async function loadSmallFile(
  client: CloudClient,
  database: pg.Client,
  file: string,
  fileName: string,
): Promise<LoadTime> {
  const started = performance.now();
  const key = buildUploadKey({ storeId: 'main', fileName });
  const { uploadId } = await client.putFile(file, key, () => undefined);
  const put = performance.now();
  for (;;) {
    const { rows } = await database.query<{ status: string }>({
      name: 'status',
      text: 'SELECT status FROM ledger.uploads WHERE upload_id = $1',
      values: [uploadId],
    });
    const elapsed = performance.now() - started;
    if (rows[0]?.status === 'complete') {
      return { putMilliseconds: put - started, completeMilliseconds: elapsed };
    }
    if (rows[0]?.status === 'failed' || elapsed > PATIENCE_MILLISECONDS) {
      throw new Error(`${fileName} is ${rows[0]?.status ?? 'not in the ledger'} after ${elapsed} ms`);
    }
    await sleep(LOOK_MILLISECONDS);
  }
}
