import type { Dialect } from '../../lambdas/core/csv/dialect.ts';
import { RecordReader, type RecordSink, readerStateAt } from '../../lambdas/core/csv/record-reader.ts';

export const PLAIN_DIALECT: Dialect = { delimiter: ',', quote: '"', newline: '\n' };

/** A reader at the beginning of a text. */
export function newReader(sink: RecordSink, dialect: Partial<Dialect> = {}): RecordReader {
  return new RecordReader(sink, { ...PLAIN_DIALECT, ...dialect }, readerStateAt(1));
}
