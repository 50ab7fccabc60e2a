import type { FILE_ENDINGS } from '../upload-key.ts';
import { openCsvOrNdjson } from './csv-or-ndjson.ts';
import { openNdjson } from './ndjson/ndjson-source.ts';
import type { OpenSource } from './source.ts';

/** Readers of file formats, by the ending of the file name. */
const SOURCES: Readonly<Record<(typeof FILE_ENDINGS)[number], OpenSource>> = {
  csv: openCsvOrNdjson,
  tsv: openCsvOrNdjson,
  txt: openCsvOrNdjson,
  ndjson: openNdjson,
  jsonl: openNdjson,
  // A text in disguise: a workbook is opened before.
  xlsx: openCsvOrNdjson,
  xlsm: openCsvOrNdjson,
  ods: openCsvOrNdjson,
};
const ENDING = /\.([a-z]+)(?:\.(?:gz|zip))?$/i;

/** Chooses the reader of a file. The content decides for unknown endings. */
export function chooseSource(fileName: string): OpenSource {
  const ending = ENDING.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(SOURCES, ending) ? SOURCES[ending as keyof typeof SOURCES] : openCsvOrNdjson;
}
