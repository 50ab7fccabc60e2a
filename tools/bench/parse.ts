import { parseBasisPoints } from '../../lambdas/core/money.ts';
import { parseUpload } from '../../lambdas/core/parse-upload.ts';
import type { RowBatch, Upload } from '../../lambdas/core/row-batch.ts';
import { encodeBatch } from '../../lambdas/core/row-batcher.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { uploadIdOf } from '../../lambdas/shared/upload-id.ts';
import { buildFileName } from './sample.ts';

/** As in cdk.json. */
const SETTINGS = {
  basisPoints: parseBasisPoints('20'),
  maxMessageBytes: 1_048_576,
  unknownColumns: 'ignore',
} as const;
const KEY = buildUploadKey({ storeId: 'main', fileName: buildFileName('parsed') });

/** Turns bytes into the messages that the parser would send, with nothing else running. */
export async function parse(
  chunks: AsyncIterable<Uint8Array>,
  take: (message: string) => void,
): Promise<void> {
  const upload: Upload = {
    uploadId: uploadIdOf('bench', KEY, 'parsed', 'bench'),
    bucket: 'bench',
    key: KEY,
    versionId: 'parsed',
    storeId: 'main',
    revision: 'bench',
    receivedAt: new Date().toISOString(),
  };
  const sink = async (batch: RowBatch) => take(encodeBatch(batch));
  await parseUpload(upload, { chunks }, SETTINGS, sink);
}
