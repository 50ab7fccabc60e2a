import type { Failure } from '../../core/reject-codes.ts';
import type { FormatSummary } from '../../core/row-batch.ts';
import type { Rules } from '../../core/rules.ts';
import { isUnpackedKey } from '../../core/upload-key.ts';
import { detectWorkbook, openWorkbook, type WorkbookFacts } from '../../core/workbook/open-workbook.ts';
import { WorkbookError } from '../../core/workbook/xml.ts';
import { ArchiveError, type ReadRange, type Unpack, unpackGzip } from './archive.ts';
import { type ArchivedFile, listZip, unusableArchive } from './zip.ts';

/** Endings of a file that is not read where it is, even if it is the only one of its archive. */
const PACKED = /\.(?:gz|zip|xlsx|xlsm|ods)$/i;
/** An archive whose files become objects. */
export interface UnreadArchive {
  readonly files: readonly ArchivedFile[];
}

/**
 * Opens an archive or a workbook.
 * @param key of the object
 * @param limit bounds what one file of a workbook unpacks to
 */
export async function openArchive(
  compression: NonNullable<FormatSummary['compression']>,
  read: ReadRange,
  length: number,
  key: string,
  rules: Rules,
  limit: (unpack: Unpack) => Unpack,
): Promise<
  | { unpack: Unpack; workbook?: WorkbookFacts }
  | UnreadArchive
  | { failure: Failure; workbook?: WorkbookFacts }
> {
  if (compression === 'gzip') return { unpack: () => unpackGzip(read, length) };
  let syntax: WorkbookFacts['syntax'] | undefined;
  try {
    const files = await listZip(read, length);
    syntax = detectWorkbook(files.map(({ name }) => name));
    if (syntax !== undefined) {
      const parts = new Map(files.map(({ name, unpack }) => [name, limit(unpack)]));
      const workbook = await openWorkbook(syntax, parts, rules);
      return { unpack: workbook.unpack, workbook };
    }
    // An archive may contain itself.
    if (isUnpackedKey(key)) throw unusableArchive('was a file of another archive. Drop that file alone.');
    const [only] = files;
    return files.length === 1 && !PACKED.test(only!.name) ? only! : { files };
  } catch (error) {
    if (!(error instanceof ArchiveError) && !(error instanceof WorkbookError)) throw error;
    return { failure: error.failure, ...(syntax && { workbook: { syntax } }) };
  }
}
