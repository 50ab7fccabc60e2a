import { COLUMNS, type Field } from '../../lambdas/core/columns.ts';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { computeFileId, computeUploadId } from '../../lambdas/shared/upload-id.ts';

/** An upload as the parser receives it. */
export function uploadOf(key = 'incoming/store=paris-12/retail_15_01_2022.csv'): Upload {
  const object = { bucket: 'uploads', key, versionId: 'v1', revision: 'r1' };
  return {
    ...object,
    uploadId: computeUploadId(object),
    fileId: computeFileId(object),
    storeId: 'paris-12',
    receivedAt: '2022-01-15T09:30:00.000Z',
  };
}

/** The values of a row in the order of the columns. Columns that are left out have a valid value, an optional one NULL. */
export function valuesOf(row: Partial<Record<Field, string>> = {}): string[] {
  const all: Partial<Record<Field, string>> = {
    id: '00000000-0000-4000-8000-000000000001',
    transactionDate: '2024-01-01',
    category: 'SELL',
    name: 'Soap',
    quantity: '1',
    amountExclTax: '1',
    amountIncTax: '1.2',
    ...row,
  };
  return COLUMNS.map(({ field }) => all[field] ?? 'NULL');
}
