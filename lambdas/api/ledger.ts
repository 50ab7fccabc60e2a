import type { Database, StatementParameters } from '../shared/data-api.ts';
import { classifyError } from '../shared/errors.ts';
import type { Stores } from './callers.ts';
import { ProblemError } from './problem.ts';

/** Rows of a page. A response of the Data API has at most 1 MiB, with up to seven bytes for a character in JSON. */
export const PAGE_ROWS = 100;
/** Time in which a paused database resumes (Aurora user guide, "Scaling to zero"). */
const RESUME_SECONDS = 15;

export const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** Reads the database as `retail_api`. A database that is away or resuming is a problem that passes. */
export class Ledger {
  readonly #database: Pick<Database, 'rows'>;

  constructor(database: Pick<Database, 'rows'>) {
    this.#database = database;
  }

  /** Runs a statement whose rows have one column, the text of JSON. */
  async read<Row>(sql: string, parameters: StatementParameters): Promise<Row[]> {
    try {
      // Does not wait for a paused database: the call wakes it, and the caller tries again.
      const rows = await this.#database.rows(sql, parameters, Date.now());
      return rows.map(([json = '']) => JSON.parse(json || 'null') as Row);
    } catch (cause) {
      if (classifyError(cause) !== 'transient') throw cause;
      const detail = isTimeout(cause)
        ? `The database did not answer in time. Ask for fewer days or one store, or try again in ${RESUME_SECONDS} seconds.`
        : `The database is not available, or it is resuming. Try again in ${RESUME_SECONDS} seconds.`;
      throw new ProblemError('unavailable', detail, { cause, retryAfter: RESUME_SECONDS });
    }
  }
}

/** True for a statement that took too long for this function, for the Data API or for its role (SQLSTATE 57014). */
function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    (/^(TimeoutError|StatementTimeoutException)$/.test(error.name) ||
      error.message.includes('SQLState: 57014'))
  );
}

/**
 * Condition that a column has one of the stores of the parameter `stores`. An empty text is all stores. The names of
 * stores have no commas.
 */
export function isOfStores(column: string): string {
  return `(:stores = '' OR ${column} = ANY (string_to_array(:stores, ',')))`;
}

/** Writes stores for {@link isOfStores}. @throws {RangeError} for no stores, which would read as all of them */
export function joinStores(stores: Stores): string {
  if (stores?.length === 0) throw new RangeError('A statement needs a store.');
  return stores?.join(',') ?? '';
}

/** Writes a time as microseconds since the epoch, which ledger positions have. */
export function inMicroseconds(column: string): string {
  return `CAST(extract(epoch FROM ${column}) * 1000000 AS bigint)`;
}

/** Adds the position of the next page to a page that is full. */
export function pageOf<Row, Position>(
  rows: readonly Row[],
  positionOf: (last: Row) => Position,
  size = PAGE_ROWS,
) {
  return rows.length < size ? {} : { next: positionOf(rows.at(-1)!) };
}
