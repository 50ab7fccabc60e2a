import { detectFormat } from '../../detect/detect-format.ts';
import type { OpenSource } from '../source.ts';
import { type TextFormat, TextSource } from '../text-source.ts';
import { type ReaderState, RecordReader, startReaderAt } from './record-reader.ts';

const CSV: TextFormat<ReaderState> = {
  detect: detectFormat,
  openReader: ({ dialect, firstRow }, state = startReaderAt(firstRow.line)) =>
    new RecordReader(dialect, state),
};

/** Opens a CSV file. */
export const openCsv = (at?: Parameters<OpenSource>[0]) => new TextSource(CSV, at);
