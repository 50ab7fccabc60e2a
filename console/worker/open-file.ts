import {
  BYTES_PER_MIB,
  failForSize,
  findArchiveFault,
  limitUnpacking,
  type Unpack,
} from '../../lambdas/core/archive/archive.ts';
import {
  detectCompression,
  isOldWorkbook,
  OLD_WORKBOOK,
  openFiles,
  SIGNATURE_BYTES,
  type UnreadArchive,
} from '../../lambdas/core/archive/open-files.ts';
import type { UploadBytes } from '../../lambdas/core/parse.ts';
import type { Failure } from '../../lambdas/core/reject-codes.ts';
import type { FormatSummary } from '../../lambdas/core/row-batch.ts';
import type { Rules } from '../../lambdas/core/rules.ts';
import type { WorkbookFacts } from '../../lambdas/core/workbook/open-workbook.ts';
import { readBlob } from './chunks.ts';
import { GzipFile } from './gzip.ts';
import { listZip } from './zip.ts';

export interface OpenOptions {
  readonly key: string;
  readonly rules: Rules;
  readonly maxUnpackedMiB: number;
  /** Is called with the bytes of the file that were read. */
  readonly onRead: (bytes: number) => void;
}

/** The person waits as long as they like. */
const never = () => false;

/**
 * Opens a file as the deployed parser opens an object. An archive of one file is unpacked once before, to find damage
 * before any of its rows counts.
 */
export async function openFile(
  blob: Blob,
  { key, rules, maxUnpackedMiB, onRead }: OpenOptions,
): Promise<
  { readonly compression: FormatSummary['compression'] } & (
    | Pick<UploadBytes, 'chunks' | 'workbook'>
    | { readonly failure: Failure; readonly workbook?: WorkbookFacts | undefined }
    | UnreadArchive
  )
> {
  const first = new Uint8Array(await blob.slice(0, SIGNATURE_BYTES).arrayBuffer());
  const compression = detectCompression(first);
  if (isOldWorkbook(first)) return { compression, failure: OLD_WORKBOOK };
  if (compression === undefined) {
    return blob.size <= maxUnpackedMiB * BYTES_PER_MIB
      ? { compression, chunks: readBlob(blob, onRead) }
      : { compression, failure: failForSize('The file has', maxUnpackedMiB) };
  }
  if (compression === 'gzip') {
    const gzip = new GzipFile(blob, onRead);
    const failure = await gzip.findFault(maxUnpackedMiB);
    return failure === undefined ? { compression, chunks: gzip.unpack() } : { compression, failure };
  }
  const limit = (unpack: Unpack) => limitUnpacking(unpack, maxUnpackedMiB, never);
  const contents = await openFiles(() => listZip(blob), key, rules, limit);
  if (!('unpack' in contents)) return { compression, ...contents };
  const { unpack, workbook } = contents;
  const failure = await findArchiveFault(unpack, maxUnpackedMiB, never);
  return failure === undefined
    ? { compression, workbook, chunks: unpack() }
    : { compression, workbook, failure };
}
