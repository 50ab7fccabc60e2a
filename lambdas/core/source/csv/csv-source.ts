import { detectFormat } from '../../detect/detect-format.ts';
import type { OpenSource } from '../source.ts';
import { type TextFormat, TextSource } from '../text-source.ts';
import { type ReaderState, RecordReader, startReaderAt } from './record-reader.ts';

/** Opens a CSV file. */
export const openCsv: OpenSource = (at, { rules }) => {
  const csv: TextFormat<ReaderState> = {
    detect: (head, encoding) => detectFormat(head, encoding, rules),
    openReader: ({ dialect, header, firstRow }, state = startReaderAt(firstRow.line)) =>
      new RecordReader(dialect, state, header.idPositions && header.titles.length),
  };
  return new TextSource(csv, at);
};
