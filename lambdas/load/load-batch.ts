import type { Database } from '../shared/database.ts';

/** What became of the rows of a batch, as `ledger.load_batch` says it. */
export interface LoadResult {
  readonly seenBefore: boolean;
  readonly inserted: number;
  readonly duplicate: number;
  readonly conflicting: number;
  readonly rejected: number;
}

/**
 * Loads one message, in one call. A call whose outcome nobody knows may be made again: the function that it
 * calls knows the batch.
 * @param resumeDeadline until when a paused database is waited for, in milliseconds since the epoch
 */
export async function loadBatch(
  body: string,
  database: Database,
  resumeDeadline: number,
): Promise<LoadResult> {
  const { records } = await database.execute(
    'SELECT ledger.load_batch(CAST(:message AS json)) AS result',
    { message: body },
    resumeDeadline,
  );
  return JSON.parse(records?.[0]?.[0]?.stringValue ?? '') as LoadResult;
}
