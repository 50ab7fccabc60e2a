import type { CloudClient } from '../cloud-client.ts';

/** A row of the table; numbers are texts that PostgreSQL and the parser read in one way. */
export interface ExportedRow {
  readonly id: string;
  /** `YYYY-MM-DD`. */
  readonly transactionDate: string;
  readonly category: string;
  readonly quantity: string;
  readonly amountExclTax: string;
  readonly amountIncTax: string;
  readonly storeId: string;
  readonly name: string;
}

/** Rows to export. */
export interface ExportFilter {
  /** First and last transaction date, `YYYY-MM-DD`. @default every date */
  readonly since?: string;
  readonly until?: string;
  /** @default every store */
  readonly store?: string;
}

/**
 * A response of the Data API has at most 1 MiB, and a row at most 64 KB, with up to six bytes for a character. Long
 * names are therefore read in pieces, and a page has only as many rows as are certain to fit.
 */
const PIECE_CHARACTERS = 8_000;
const PAGE_CHARACTERS = 100_000;
const PAGE_ROWS = 3_000;

const SELECTED = `transaction_date BETWEEN CAST(:since AS date) AND CAST(:until AS date)
  AND CAST(:store AS text) IN ('', store_id)`;
/** With three decimals the point could mark thousands: a fourth one decides it. */
const QUANTITY = `trim_scale(quantity) || CASE WHEN scale(trim_scale(quantity)) = 3 THEN '0' ELSE '' END`;
/**
 * Values that `neutralizeFormula` may change; a value that it does not change does no harm here. The Data API would take
 * the characters ";" and '"' for its own.
 */
const LIKE_FORMULA = `name ~ '(^|[\\x3b,\\s])[''\\x22\\s]*[=+@＝＋－＠-]'`;

function parametersOf({ since = '-infinity', until = 'infinity', store = '' }: ExportFilter) {
  return { since, until, store };
}

/** Counts the rows to export. */
export async function countTransactions(client: CloudClient, filter: ExportFilter) {
  const [found] = await client.query(
    `SELECT count(*) AS rows, coalesce(bool_or(${LIKE_FORMULA}), false) AS formulas
     FROM public.transactions WHERE ${SELECTED}`,
    parametersOf(filter),
  );
  return { rows: Number(found?.rows), hasFormulas: found?.formulas === true };
}

/** Reads the rows in pages, by date and id. */
export async function* readTransactions(
  client: CloudClient,
  filter: ExportFilter,
): AsyncGenerator<ExportedRow[]> {
  let after = { day: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    // The values without blanks come first: the rest of the text is the name.
    const page = await client.query(
      `SELECT concat_ws(' ', id, transaction_date, category, ${QUANTITY}, amount_excl_tax, amount_inc_tax, store_id,
                        left(name, ${PIECE_CHARACTERS})) AS text, length(name) AS characters
       FROM (
         SELECT *, sum(least(length(name), ${PIECE_CHARACTERS})) OVER (ORDER BY transaction_date, id)
                     - least(length(name), ${PIECE_CHARACTERS}) AS before
         FROM (SELECT * FROM public.transactions
               WHERE ${SELECTED} AND transaction_date >= CAST(:day AS date)
                 AND (transaction_date > CAST(:day AS date) OR id > CAST(:id AS uuid))
               ORDER BY transaction_date, id LIMIT ${PAGE_ROWS}) AS page
       ) AS sized
       WHERE before <= ${PAGE_CHARACTERS} ORDER BY transaction_date, id`,
      { ...parametersOf(filter), ...after },
    );
    if (page.length === 0) return;
    const rows = await Promise.all(
      page.map(({ text, characters }) => completeRow(client, String(text), Number(characters))),
    );
    const { transactionDate: day, id } = rows.at(-1)!;
    after = { day, id };
    yield rows;
  }
}

async function completeRow(client: CloudClient, text: string, characters: number): Promise<ExportedRow> {
  const [, id, transactionDate, category, quantity, amountExclTax, amountIncTax, storeId, start] =
    /^(\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (.*)$/s.exec(text) as unknown as string[];
  let name = start!;
  for (let read = PIECE_CHARACTERS; read < characters; read += PIECE_CHARACTERS) {
    const [piece] = await client.query(
      `SELECT substr(name, CAST(:start AS integer), ${PIECE_CHARACTERS}) AS text FROM public.transactions
       WHERE id = CAST(:id AS uuid)`,
      { id: id!, start: String(read + 1) },
    );
    name += String(piece?.text ?? '');
  }
  return {
    id: id!,
    transactionDate: transactionDate!,
    category: category!,
    quantity: quantity!,
    amountExclTax: amountExclTax!,
    amountIncTax: amountIncTax!,
    storeId: storeId!,
    name,
  };
}
