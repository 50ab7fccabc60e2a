import type { Failure } from '../../core/csv/header.ts';
import type { FormatSummary } from '../../core/row-batch.ts';

/** An object that has to be unpacked. */
export interface Archive {
  readonly compression: NonNullable<FormatSummary['compression']>;
  /** The text, from its beginning each time. @throws {ArchiveError} at the place from where it cannot be unpacked */
  unpack(): AsyncGenerator<Buffer>;
}

/** The archive itself is at fault: another try gives the same. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.message, { cause });
    this.failure = failure;
  }
}

/**
 * Unpacks an archive and keeps nothing of it: a damaged one is found before any of its rows is loaded.
 * @returns why it is refused, or nothing
 */
export async function findArchiveFault(
  archive: Archive,
  maxUnpackedMiB: number,
): Promise<Failure | undefined> {
  try {
    let left = maxUnpackedMiB * 1_048_576;
    for await (const chunk of archive.unpack()) {
      left -= chunk.length;
      if (left < 0) return tooLarge(maxUnpackedMiB);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ArchiveError) return error.failure;
    throw error;
  }
}

export function damaged(why: string, cause?: unknown): ArchiveError {
  const message = `The archive cannot be unpacked: ${why.replace(/\.$/, '')}. Pack the file again and drop that.`;
  return new ArchiveError({ code: 'archive-damaged', message }, cause);
}

function tooLarge(maxUnpackedMiB: number): Failure {
  const limit = maxUnpackedMiB.toLocaleString('en-US');
  const message = `The archive unpacks to more than ${limit} MiB, the setting retail:maxUnpackedMiB.`;
  return { code: 'archive-too-large', message };
}
