import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { COLUMNS } from '../../lambdas/core/columns.ts';
import { DATE } from './files.ts';

const FILE_COLUMNS = COLUMNS.filter(({ isRequired }) => isRequired).map(({ sqlName }) => sqlName);

/** Durations of one COPY, in milliseconds. */
export interface CopyTime {
  readonly withConnection: number;
  readonly alone: number;
}

/** Creates an empty table with the columns, constraints and indexes of the transactions. */
export async function createCopyTable(database: pg.Client): Promise<void> {
  await database.query(`
    DROP TABLE IF EXISTS public.copy_reference;
    CREATE TABLE public.copy_reference (LIKE public.transactions INCLUDING ALL);
    ALTER TABLE public.copy_reference ALTER transaction_date SET DEFAULT '${DATE}'`);
}

/**
 * Loads a file with PostgreSQL's own COPY, over a new connection, as `psql \copy` does. COPY checks only the types and
 * stops at the first invalid row.
 */
export async function copyFile(adminUrl: string, chunks: AsyncIterable<Uint8Array>): Promise<CopyTime> {
  const started = performance.now();
  const client = new pg.Client(adminUrl);
  await client.connect();
  const connected = performance.now();
  const sql = `COPY public.copy_reference (${FILE_COLUMNS}) FROM STDIN WITH (FORMAT csv, HEADER true)`;
  await pipeline(chunks, client.query(copyFrom(sql)));
  const ended = performance.now();
  await client.end();
  return { withConnection: ended - started, alone: ended - connected };
}
