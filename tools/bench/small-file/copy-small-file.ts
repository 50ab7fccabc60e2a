import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { DATE } from '../sample.ts';

export interface CopyTime {
  readonly withConnectionMilliseconds: number;
  readonly aloneMilliseconds: number;
}

/** A table with the columns, constraints and indexes of the transactions, for COPY alone. */
export async function createCopyTable(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query('CREATE TABLE public.copy_small_files (LIKE public.transactions INCLUDING ALL)');
  await client.query(`ALTER TABLE public.copy_small_files ALTER transaction_date SET DEFAULT '${DATE}'`);
  await client.end();
}

/** As `psql -c '\copy …'`: a connection of its own for each file, which is read as a whole. */
export async function copySmallFile(adminUrl: string, file: string): Promise<CopyTime> {
  const started = performance.now();
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const connected = performance.now();
  const target = client.query(
    copyFrom(
      `COPY public.copy_small_files (id, category, name, quantity, amount_excl_tax, amount_inc_tax)
       FROM STDIN WITH (FORMAT csv, HEADER true)`,
    ),
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  target.on('finish', resolve).on('error', reject);
  target.end(await readFile(file));
  await promise;
  const ended = performance.now();
  await client.end();
  return { withConnectionMilliseconds: ended - started, aloneMilliseconds: ended - connected };
}
