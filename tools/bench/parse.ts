import { parseBatches } from '../../lambdas/core/parse.ts';
import { encodeMessage, type Upload } from '../../lambdas/core/row-batch.ts';
import { parseBasisPoints } from '../../lambdas/core/rows/money.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { computeUploadId } from '../../lambdas/shared/upload-message.ts';
import { buildFileName } from './sample.ts';

/** Defaults of cdk.json. */
const SETTINGS = {
  basisPoints: parseBasisPoints('20'),
  maxMessageBytes: 1_048_576,
  unknownColumns: 'ignore',
} as const;
const KEY = buildUploadKey({ storeId: 'main', fileName: buildFileName('parsed') });

/** Parses bytes into the messages that the parser would send, with nothing else running. */
export async function parse(
  chunks: AsyncIterable<Uint8Array>,
  take: (message: string) => void,
): Promise<void> {
  const object = { bucket: 'bench', key: KEY, versionId: 'parsed', revision: 'bench' };
  const upload: Upload = {
    ...object,
    uploadId: computeUploadId(object),
    storeId: 'main',
    receivedAt: new Date().toISOString(),
  };
  for await (const { batch } of parseBatches(upload, { chunks }, SETTINGS)) take(encodeMessage(batch));
}
