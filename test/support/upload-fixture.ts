import type { Upload } from '../../lambdas/core/row-batch.ts';
import { uploadIdOf } from '../../lambdas/shared/upload-id.ts';

/** An upload as the parser gets it. */
export function uploadOf(key = 'incoming/store=paris-12/retail_15_01_2022.csv'): Upload {
  return {
    uploadId: uploadIdOf('uploads', key, 'v1', 'r1'),
    bucket: 'uploads',
    key,
    versionId: 'v1',
    storeId: 'paris-12',
    revision: 'r1',
    receivedAt: '2022-01-15T09:30:00.000Z',
  };
}
