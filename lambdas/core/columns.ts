/** Ways to read a value; `rows/value-readers.ts` has a reader for each. */
export type ReaderName = 'id' | 'date' | 'category' | 'name' | 'quantity' | 'amount';

interface ColumnDefinition {
  readonly field: string;
  /** Accepted titles, in lower case. The first one is canonical. */
  readonly titles: readonly [string, ...string[]];
  /** Column of `public.transactions`. */
  readonly sqlName: string;
  readonly sqlType: 'uuid' | 'date' | 'text' | 'numeric(12,3)' | 'numeric(12,2)';
  readonly reader: ReaderName;
  /** True if another value for an existing id makes a row a conflict. */
  readonly isCompared: boolean;
  /** False for a column that a file may lack: the file name may supply the transaction date. */
  readonly isRequired: boolean;
  /** Property of a message that has the values of all rows, `RowBatch.rows`. */
  readonly batchName: string;
}

/** Every column of a row, in the order of the table. Everything that knows a column derives it from this list. */
export const COLUMNS = [
  {
    field: 'id',
    titles: ['id'],
    sqlName: 'id',
    sqlType: 'uuid',
    reader: 'id',
    isCompared: false,
    isRequired: true,
    batchName: 'ids',
  },
  {
    field: 'transactionDate',
    titles: ['transaction_date'],
    sqlName: 'transaction_date',
    sqlType: 'date',
    reader: 'date',
    isCompared: true,
    isRequired: false,
    batchName: 'dates',
  },
  {
    field: 'category',
    titles: ['category'],
    sqlName: 'category',
    sqlType: 'text',
    reader: 'category',
    isCompared: true,
    isRequired: true,
    batchName: 'categories',
  },
  {
    field: 'name',
    titles: ['description', 'name'],
    sqlName: 'name',
    sqlType: 'text',
    reader: 'name',
    isCompared: true,
    isRequired: true,
    batchName: 'names',
  },
  {
    field: 'quantity',
    titles: ['quantity'],
    sqlName: 'quantity',
    sqlType: 'numeric(12,3)',
    reader: 'quantity',
    isCompared: true,
    isRequired: true,
    batchName: 'quantities',
  },
  {
    field: 'amountExclTax',
    titles: ['amount_excl_tax'],
    sqlName: 'amount_excl_tax',
    sqlType: 'numeric(12,2)',
    reader: 'amount',
    isCompared: true,
    isRequired: true,
    batchName: 'amountsExclTax',
  },
  {
    field: 'amountIncTax',
    titles: ['amount_inc_tax'],
    sqlName: 'amount_inc_tax',
    sqlType: 'numeric(12,2)',
    reader: 'amount',
    isCompared: true,
    isRequired: true,
    batchName: 'amountsIncTax',
  },
] as const satisfies readonly ColumnDefinition[];

export type Column = (typeof COLUMNS)[number];
export type Field = Column['field'];

/** Every column that a file may have: those of a row, and the rate that helps to check its amounts. */
export const FILE_COLUMNS = [
  ...COLUMNS,
  { field: 'taxRate', titles: ['tax_rate'], reader: 'rate', isRequired: false },
] as const;
export type FileField = (typeof FILE_COLUMNS)[number]['field'];

/** Index of each column in {@link FILE_COLUMNS}, and in every array that has an element for each column. */
export const INDEX = Object.fromEntries(FILE_COLUMNS.map(({ field }, index) => [field, index])) as Readonly<
  Record<FileField, number>
>;

/** Canonical titles of the columns of a file whose name has the date, in the usual order. Any other order works. */
export const UPLOAD_COLUMNS: readonly string[] = COLUMNS.filter(({ isRequired }) => isRequired).map(
  ({ titles }) => titles[0],
);

/** Column of an export. It is empty, and says that values like formulas have an apostrophe before them. */
export const NEUTRALIZED_COLUMN = 'neutralized';

/**
 * Columns that say which row was rejected, and why. They precede the columns of the file. The first two tie a corrected
 * row to the rejected one.
 */
export const REJECT_COLUMNS = [
  'reject_file',
  'reject_line',
  'reject_column',
  'reject_code',
  'reject_message',
] as const;
