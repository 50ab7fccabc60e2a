import { basename } from 'node:path';
import type { CloudClient, PutUpload } from '../../cli/cloud-client.ts';
import { waitForUploads } from '../../cli/wait-for-uploads.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';

export interface LoadedFile {
  readonly upload: PutUpload;
  /** Time from the moment at which the object is in the bucket until its upload is complete. */
  readonly seconds: number;
}

/** Uploads a file and waits until it is loaded. @throws {Error} if not every row was inserted */
export async function loadFile(client: CloudClient, file: string, rows: number): Promise<LoadedFile> {
  const key = buildUploadKey({ storeId: 'main', fileName: basename(file) });
  const upload = await client.putFile(file, key, () => undefined);
  const [entry] = await waitForUploads(client, [upload]);
  if (entry?.status !== 'complete' || entry.rowsInserted !== rows) {
    throw new Error(`the pipeline did not load ${basename(file)}: ${JSON.stringify(entry)}`);
  }
  return { upload, seconds: (Date.parse(entry.completedAt!) - Date.parse(entry.receivedAt)) / 1_000 };
}
