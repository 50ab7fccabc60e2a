import type { Failure } from '../reject-codes.ts';
import type { FormatSummary } from '../row-batch.ts';
import type { Rules } from '../rules.ts';
import { isUnpackedKey } from '../upload-key.ts';
import { detectWorkbook, openWorkbook, type WorkbookFacts } from '../workbook/open-workbook.ts';
import { WorkbookError } from '../workbook/xml.ts';
import { ArchiveError, type Unpack, unusableArchive } from './archive.ts';
import type { ArchivedFile } from './archived-files.ts';

/** Length of a gzip or zip signature, in bytes. */
export const SIGNATURE_BYTES = 4;
/** Signature of a compound file (Microsoft, MS-CFB): an old workbook, or one with a password. */
const COMPOUND_FILE = '\xd0\xcf\x11\xe0';
export const OLD_WORKBOOK = new WorkbookError(
  'is one of Excel 97–2003 (.xls), or is protected with a password. Save it as .xlsx without a password.',
).failure;
/** Endings of a file that is not read where it is, even if it is the only one of its archive. */
const PACKED = /\.(?:gz|zip|xlsx|xlsm|ods)$/i;

/** An archive whose files become objects. */
export interface UnreadArchive {
  readonly files: readonly ArchivedFile[];
}

/** @param first bytes of the object, at least {@link SIGNATURE_BYTES} if it has as many */
export function isOldWorkbook(first: Uint8Array): boolean {
  return readSignature(first) === COMPOUND_FILE;
}

export function detectCompression(first: Uint8Array): FormatSummary['compression'] {
  const signature = readSignature(first);
  if (signature.startsWith('\x1f\x8b')) return 'gzip';
  // The second one starts an archive without files.
  return signature === 'PK\x03\x04' || signature === 'PK\x05\x06' ? 'zip' : undefined;
}

function readSignature(first: Uint8Array): string {
  return String.fromCharCode(...first.subarray(0, SIGNATURE_BYTES));
}

/**
 * Opens a zip archive, or a workbook, which is one.
 * @param key of the object
 * @param limit bounds what one file of a workbook unpacks to
 */
export async function openFiles(
  listFiles: () => Promise<readonly ArchivedFile[]>,
  key: string,
  rules: Rules,
  limit: (unpack: Unpack) => Unpack,
): Promise<
  | { unpack: Unpack; workbook?: WorkbookFacts }
  | UnreadArchive
  | { failure: Failure; workbook?: WorkbookFacts }
> {
  let syntax: WorkbookFacts['syntax'] | undefined;
  try {
    const files = await listFiles();
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
