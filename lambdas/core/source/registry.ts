import { openCsv } from './csv/csv-source.ts';
import type { OpenSource } from './source.ts';

/** Readers of file formats, by the ending of the file name. */
const SOURCES: Readonly<Record<string, OpenSource>> = { csv: openCsv };

/** Finds the reader for a file. The ending of a compressed file precedes `.gz` or `.zip`; unknown ones are read as CSV. */
export function findSource(fileName: string): OpenSource {
  const ending = /\.([a-z]+)(?:\.(?:gz|zip))?$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return SOURCES[ending] ?? openCsv;
}
