import { fileWriter, parquetWriteRows, type SchemaElement } from 'hyparquet-writer';
import type { ExportedRow } from './read-transactions.ts';

/** Rows of a row group: memory stays the same for any number of rows. */
const GROUP_ROWS = 50_000;
const PRECISION = 12;
const QUANTITY_SCALE = 3;
const AMOUNT_SCALE = 2;

const decimal = (name: string, scale: number): SchemaElement => ({
  name,
  type: 'INT64',
  converted_type: 'DECIMAL',
  precision: PRECISION,
  scale,
  repetition_type: 'REQUIRED',
});
const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  repetition_type: 'REQUIRED',
});
/** Columns with the names and types of the table. */
const COLUMNS: readonly SchemaElement[] = [
  text('store_id'),
  {
    name: 'id',
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    logical_type: { type: 'UUID' },
    repetition_type: 'REQUIRED',
  },
  { name: 'transaction_date', type: 'INT32', converted_type: 'DATE', repetition_type: 'REQUIRED' },
  text('category'),
  text('name'),
  decimal('quantity', QUANTITY_SCALE),
  decimal('amount_excl_tax', AMOUNT_SCALE),
  decimal('amount_inc_tax', AMOUNT_SCALE),
];

/** Writes rows to a Parquet file: exact decimals, dates and UUIDs, compressed with Snappy. */
export async function writeParquet(
  path: string,
  pages: AsyncIterable<readonly ExportedRow[]>,
): Promise<void> {
  await parquetWriteRows({
    writer: fileWriter(path),
    rows: toRows(pages),
    columns: COLUMNS.map(({ name }) => ({ name })),
    schema: [{ name: 'root', num_children: COLUMNS.length }, ...COLUMNS],
    rowGroupSize: GROUP_ROWS,
  });
}

async function* toRows(pages: AsyncIterable<readonly ExportedRow[]>) {
  for await (const page of pages) {
    for (const row of page) {
      yield {
        store_id: row.storeId,
        id: row.id,
        transaction_date: new Date(`${row.transactionDate}T00:00:00Z`),
        category: row.category,
        name: row.name,
        quantity: toScaled(row.quantity, QUANTITY_SCALE),
        amount_excl_tax: toScaled(row.amountExclTax, AMOUNT_SCALE),
        amount_inc_tax: toScaled(row.amountIncTax, AMOUNT_SCALE),
      };
    }
  }
}

/** Returns a decimal number without its point, with this number of decimals. */
function toScaled(number: string, scale: number): bigint {
  const [whole = '', decimals = ''] = number.split('.');
  return BigInt(whole + decimals.padEnd(scale, '0').slice(0, scale));
}
