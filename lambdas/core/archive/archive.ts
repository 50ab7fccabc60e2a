import type { Failure } from '../reject-codes.ts';
import { WorkbookError } from '../workbook/xml.ts';

/** Unpacks the file of an archive from its beginning. @throws {ArchiveError} at the place where it is damaged */
export type Unpack = () => AsyncGenerator<Uint8Array>;

export const BYTES_PER_MIB = 1_048_576;

/** The archive itself is at fault: retrying cannot help. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/**
 * The time of an invocation was over before an archive was unpacked. A later attempt may be faster: the file must not
 * be refused as if its bytes said so, since another reading would then give other batches.
 */
export class SlowArchiveError extends Error {
  override readonly name = 'SlowArchiveError';
  readonly failure: Failure;

  constructor() {
    const message =
      'The archive could not be unpacked within the 12 minutes that the parser has for it. Split the file.';
    super(message);
    this.failure = { code: 'object-unreadable', message };
  }
}

export function damagedArchive(reason: string, cause?: unknown): ArchiveError {
  const message = `The archive cannot be unpacked: ${reason.replace(/\.$/, '')}. Compress the file again and drop it.`;
  return new ArchiveError({ code: 'archive-damaged', message }, cause);
}

/** @param fault such as `contains no file.`, after `The archive` */
export function unusableArchive(fault: string): ArchiveError {
  return new ArchiveError({ code: 'archive-unusable', message: `The archive ${fault}` });
}

/**
 * Unpacks an archive in advance, so that a damaged one is found before any of its rows is loaded.
 * @param isTimeUp is asked after each chunk; the whole archive has to be unpacked within one invocation
 * @param onUnpacked is called for each chunk
 * @returns the reason to refuse it, or undefined
 * @throws {SlowArchiveError} if the time is up
 */
export async function findArchiveFault(
  unpack: Unpack,
  maxUnpackedMiB: number,
  isTimeUp: () => boolean,
  onUnpacked?: (chunk: Uint8Array) => void,
): Promise<Failure | undefined> {
  try {
    let left = maxUnpackedMiB * BYTES_PER_MIB;
    for await (const chunk of unpack()) {
      left -= chunk.length;
      if (left < 0) return failForSize('The archive unpacks to', maxUnpackedMiB);
      onUnpacked?.(chunk);
      if (isTimeUp()) throw new SlowArchiveError();
    }
    return undefined;
  } catch (error) {
    if (error instanceof ArchiveError || error instanceof WorkbookError) return error.failure;
    throw error;
  }
}

/** Makes an archive fail that unpacks to too much or for too long, of which the caller may see nothing for a while. */
export function limitUnpacking(unpack: Unpack, maxUnpackedMiB: number, isTimeUp: () => boolean): Unpack {
  return async function* unpackLimited() {
    let left = maxUnpackedMiB * BYTES_PER_MIB;
    for await (const chunk of unpack()) {
      left -= chunk.length;
      if (left < 0) throw new ArchiveError(failForSize('The workbook unpacks to', maxUnpackedMiB));
      if (isTimeUp()) throw new SlowArchiveError();
      yield chunk;
    }
  };
}

/** @param what such as `The file has`, followed by the limit */
export function failForSize(what: string, maxUnpackedMiB: number): Failure {
  const limit = maxUnpackedMiB.toLocaleString('en-US');
  const message =
    `${what} more than ${limit} MiB, the setting retail:maxUnpackedMiB. ` +
    'Split the file, or raise the setting.';
  return { code: 'file-too-large', message };
}
