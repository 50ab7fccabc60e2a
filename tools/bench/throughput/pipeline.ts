import { basename } from 'node:path';
import { CloudClient } from '../../../cli/cloud-client.ts';
import { waitForUploads } from '../../../cli/load-files.ts';
import { localAccess } from '../../../cli/local-access.ts';
import { buildUploadKey } from '../../../lambdas/core/upload-key.ts';
import type { RunningCloud } from '../../../local/data-directory.ts';

/** @returns seconds from the moment at which the object is in the bucket until its upload is complete */
export async function timePipeline(running: RunningCloud, file: string, rows: number): Promise<number> {
  const client = new CloudClient(localAccess(running));
  try {
    const key = buildUploadKey({ storeId: 'main', fileName: basename(file) });
    const upload = await client.putFile(file, key, () => undefined);
    const [entry] = await waitForUploads(client, [upload]);
    if (entry?.status !== 'complete' || entry.rowsInserted !== rows) {
      throw new Error(`the pipeline did not load the file: ${JSON.stringify(entry)}`);
    }
    return (Date.parse(entry.completedAt!) - Date.parse(entry.receivedAt)) / 1_000;
  } finally {
    client.close();
  }
}
