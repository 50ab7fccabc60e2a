/**
 * Names of the metrics that each function writes, by the function's folder, which CloudWatch has as the dimension
 * `service`. The alarms of lib/operations read them.
 */
export const METRICS = {
  parse: {
    uploadsParsed: 'UploadsParsed',
    uploadsFailed: 'UploadsFailed',
    rowsRead: 'RowsRead',
    rowsRejected: 'RowsRejected',
  },
  load: {
    rowsInserted: 'RowsInserted',
    rowsDuplicate: 'RowsDuplicate',
    rowsConflicting: 'RowsConflicting',
  },
  notify: {
    receiptsSent: 'ReceiptsSent',
    deliveriesSent: 'DeliveriesSent',
    deliveriesFailed: 'DeliveriesFailed',
  },
  sweep: { lostObjectsSent: 'LostObjectsSent', stuckUploadsSent: 'StuckUploadsSent' },
  verify: {
    ledgerDifferences: 'LedgerDifferences',
    stuckUploads: 'StuckUploads',
    /** With the dimension `Store`. */
    missingStoreDays: 'MissingStoreDays',
  },
} as const;

/** Name of the dimension of metrics that are counted by store. */
export const STORE_DIMENSION = 'Store';

export type MeasuredFunction = keyof typeof METRICS;
export type MetricName<Folder extends MeasuredFunction> = string &
  (typeof METRICS)[Folder][keyof (typeof METRICS)[Folder]];
