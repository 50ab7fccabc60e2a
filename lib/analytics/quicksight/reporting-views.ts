/** The types of QuickSight for the types of the columns, as PostgreSQL names them. */
export const INPUT_TYPES = {
  text: 'STRING',
  date: 'DATETIME',
  'timestamp without time zone': 'DATETIME',
  integer: 'INTEGER',
  bigint: 'INTEGER',
  numeric: 'DECIMAL',
} as const;

export type ViewColumnType = keyof typeof INPUT_TYPES;

/** The views of the schema `reporting` (`sql/views/`) as QuickSight must know them. A test compares them with PostgreSQL. */
export const REPORTING_VIEWS = {
  transactions: {
    transaction_date: 'date',
    store_id: 'text',
    category: 'text',
    product: 'text',
    quantity: 'integer',
    amount_excl_tax: 'numeric',
    amount_inc_tax: 'numeric',
    balance: 'numeric',
    id: 'text',
    upload_id: 'text',
    line: 'integer',
  },
  daily_balance: {
    transaction_date: 'date',
    store_id: 'text',
    product: 'text',
    transactions: 'bigint',
    quantity_sold: 'bigint',
    quantity_bought: 'bigint',
    sold: 'numeric',
    bought: 'numeric',
    balance: 'numeric',
  },
  cumulated_balance: {
    transaction_date: 'date',
    store_id: 'text',
    product: 'text',
    balance: 'numeric',
    cumulated_balance: 'numeric',
  },
  upload_history: {
    received_on: 'date',
    store_id: 'text',
    file_name: 'text',
    status: 'text',
    rows_read: 'bigint',
    rows_inserted: 'bigint',
    rows_duplicate: 'bigint',
    rows_conflicting: 'bigint',
    rows_rejected: 'bigint',
    failure_code: 'text',
    failure_message: 'text',
    received_at: 'timestamp without time zone',
    completed_at: 'timestamp without time zone',
    load_seconds: 'numeric',
    upload_id: 'text',
    bucket: 'text',
    object_key: 'text',
    version_id: 'text',
    parser_revision: 'text',
  },
  data_quality: {
    received_on: 'date',
    store_id: 'text',
    file_name: 'text',
    upload_id: 'text',
    status: 'text',
    rows_read: 'bigint',
    rows_inserted: 'bigint',
    rows_duplicate: 'bigint',
    rows_conflicting: 'bigint',
    rows_rejected: 'bigint',
    rejected_share: 'numeric',
  },
  rejects_by_reason: {
    received_on: 'date',
    store_id: 'text',
    code: 'text',
    column_name: 'text',
    rows_rejected: 'bigint',
    uploads: 'bigint',
  },
} as const satisfies Record<string, Record<string, ViewColumnType>>;

export type ReportingView = keyof typeof REPORTING_VIEWS;
export type ColumnOf<View extends ReportingView> = keyof (typeof REPORTING_VIEWS)[View] & string;
