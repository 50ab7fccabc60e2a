import type { FILE_ENDINGS } from '../upload-key.ts';
import { openCsv } from './csv/csv-source.ts';
import type { OpenSource } from './source.ts';

/** Readers of file formats, by the ending of the file name. */
const SOURCES: Readonly<Record<(typeof FILE_ENDINGS)[number], OpenSource>> = {
  csv: openCsv,
  tsv: openCsv,
  txt: openCsv,
};
const ENDING = /\.([a-z]+)(?:\.(?:gz|zip))?$/i;

/** Chooses the reader of a file. Files with unknown endings are read as CSV. */
export function chooseSource(fileName: string): OpenSource {
  const ending = ENDING.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(SOURCES, ending) ? SOURCES[ending as keyof typeof SOURCES] : openCsv;
}
