import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/**
 * The reference: PostgreSQL's own COPY, as `psql \copy` sends it, of the same file into a table with the same
 * columns, constraints and indexes. It checks nothing else, and stops at the first bad row.
 * @param date of every row, which the file does not say
 * @returns seconds
 */
export async function timeCopy(adminUrl: string, file: string, date: string): Promise<number> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('DROP TABLE IF EXISTS public.copy_reference');
    await client.query('CREATE TABLE public.copy_reference (LIKE public.transactions INCLUDING ALL)');
    await client.query(`ALTER TABLE public.copy_reference ALTER transaction_date SET DEFAULT '${date}'`);
    const started = performance.now();
    const target = client.query(
      copyFrom(
        `COPY public.copy_reference (id, category, name, quantity, amount_excl_tax, amount_inc_tax)
         FROM STDIN WITH (FORMAT csv, HEADER true)`,
      ),
    );
    await pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), target);
    const seconds = (performance.now() - started) / 1_000;
    await client.query('DROP TABLE public.copy_reference');
    return seconds;
  } finally {
    await client.end();
  }
}
