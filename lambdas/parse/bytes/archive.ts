import type { Failure } from '../../core/reject-codes.ts';
import type { FormatSummary } from '../../core/row-batch.ts';

/** A compressed object. */
export interface Archive {
  readonly compression: NonNullable<FormatSummary['compression']>;
  /** Unpacks the file from its beginning. @throws {ArchiveError} at the place where it is damaged */
  unpack(): AsyncGenerator<Buffer>;
}

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
 * Unpacks an archive without keeping the result, so that a damaged one is found before any of its rows is loaded.
 * @returns the reason to refuse it, or undefined
 */
export async function findArchiveFault(
  archive: Archive,
  maxUnpackedMiB: number,
): Promise<Failure | undefined> {
  try {
    let left = maxUnpackedMiB * 1_048_576;
    for await (const chunk of archive.unpack()) {
      left -= chunk.length;
      if (left < 0) return failForSize(maxUnpackedMiB);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ArchiveError) return error.failure;
    throw error;
  }
}

export function damagedArchive(reason: string, cause?: unknown): ArchiveError {
  const message = `The archive cannot be unpacked: ${reason.replace(/\.$/, '')}. Compress the file again and drop it.`;
  return new ArchiveError({ code: 'archive-damaged', message }, cause);
}

function failForSize(maxUnpackedMiB: number): Failure {
  const limit = maxUnpackedMiB.toLocaleString('en-US');
  const message =
    `The archive unpacks to more than ${limit} MiB, the setting retail:maxUnpackedMiB. ` +
    'Split the file, or raise the setting.';
  return { code: 'archive-too-large', message };
}
