import type { SourceRecord } from './record.ts';
import type { Source, SourceState } from './source.ts';

/** The records that one chunk completes. */
export interface RecordsOfChunk {
  /** State before the chunk. */
  readonly state: SourceState;
  /** Number of records of the same chunk that were yielded before. */
  readonly offset: number;
  readonly records: readonly SourceRecord[];
}

/** Yields the records of each chunk. Those at the end of the file count as records of the last chunk. */
export async function* readRecords(
  source: Source,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<RecordsOfChunk> {
  let state = source.state;
  let offset = 0;
  for await (const chunk of chunks) {
    state = source.state;
    const records = source.read(chunk);
    offset = records.length;
    yield { state, offset: 0, records };
    if (source.failure !== undefined) return;
  }
  yield { state, offset, records: source.end() };
}
