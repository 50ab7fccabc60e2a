import pg from 'pg';

/** Loading the messages straight into PostgreSQL, over so many connections, with nothing else running. */
export async function timeLoad(
  adminUrl: string,
  messages: readonly string[],
  connections: number,
): Promise<number> {
  await truncate(adminUrl);
  const pool = new pg.Pool({ connectionString: adminUrl, max: connections });
  const left = [...messages].reverse();
  const started = performance.now();
  const load = async () => {
    for (let message = left.pop(); message !== undefined; message = left.pop()) {
      await pool.query('SELECT ledger.load_batch(CAST($1 AS json))', [message]);
    }
  };
  await Promise.all(Array.from({ length: connections }, load));
  const seconds = (performance.now() - started) / 1_000;
  await pool.end();
  return seconds;
}

async function truncate(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query('TRUNCATE public.transactions, ledger.uploads CASCADE');
  await client.end();
}
