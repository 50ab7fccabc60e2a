import {
  BlobReader,
  configure,
  ERR_BAD_FORMAT,
  ERR_EOCDR_NOT_FOUND,
  ERR_INVALID_CRC32,
  ERR_UNSUPPORTED_COMPRESSION,
  type FileEntry,
  ZipReader,
} from '@zip.js/zip.js/lib/zip-core-custom.js';
import { ArchiveError, damagedArchive } from '../../lambdas/core/archive/archive.ts';
import { type ArchivedFile, collectFiles, quoteName } from '../../lambdas/core/archive/archived-files.ts';
import { readStream } from './chunks.ts';

// This file runs in a worker, and the browser itself decompresses.
configure({ useWebWorkers: false, useCompressionStream: true });

/** Says errors as the parser says them. */
const MESSAGES: Readonly<Record<string, string>> = {
  [ERR_BAD_FORMAT]:
    'End of central directory record signature not found. Either not a zip file, or file is truncated',
  [ERR_EOCDR_NOT_FOUND]:
    'End of central directory record signature not found. Either not a zip file, or file is truncated',
};

/** Lists the files of a zip archive, of which it reads only the directory. @throws {ArchiveError} if it is damaged or unusable */
export async function listZip(blob: Blob): Promise<ArchivedFile[]> {
  try {
    return await collectFiles(listEntries(blob));
  } catch (error) {
    throw explain(error);
  }
}

async function* listEntries(blob: Blob) {
  const zip = new ZipReader(new BlobReader(blob), {
    // Names are judged below, and decoded as the parser does.
    filenameValidation: 'tolerant',
    filenameEncoding: 'cp437',
    checkCrc32: true,
  });
  for await (const entry of zip.getEntriesGenerator()) {
    const fileName = entry.filename.replaceAll('\\', '/');
    const fault = findNameFault(fileName);
    if (fault !== undefined) throw damagedArchive(fault);
    yield { fileName, unpack: () => unpackEntry(entry as FileEntry, fileName) };
  }
}

/** Finds a name that leads out of the archive. */
function findNameFault(name: string): string | undefined {
  if (/^[a-zA-Z]:|^\//.test(name)) return `absolute path: ${name}`;
  return name.split('/').includes('..') ? `invalid relative path: ${name}` : undefined;
}

async function* unpackEntry(entry: FileEntry, fileName: string): AsyncGenerator<Uint8Array> {
  if (entry.encrypted) throw damagedArchive('it is encrypted with a password');
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const written = entry.getData(writable);
  // An entry that cannot be opened ends the stream, too.
  written.catch((error) => writable.abort(error).catch(() => undefined));
  try {
    yield* readStream(readable);
    await written;
  } catch (error) {
    throw explain(error, entry, fileName);
  }
}

function explain(error: unknown, entry?: FileEntry, fileName = ''): unknown {
  if (error instanceof ArchiveError || !(error instanceof Error)) return error;
  // The file was changed or removed while it was read.
  if (error.name === 'NotReadableError' || error.name === 'NotFoundError') return error;
  const { message } = error;
  if (message === ERR_INVALID_CRC32) {
    return damagedArchive(`the checksum of ${quoteName(fileName)} does not match`, error);
  }
  if (message === ERR_UNSUPPORTED_COMPRESSION) {
    return damagedArchive(`unsupported compression method: ${entry?.compressionMethod}`, error);
  }
  return damagedArchive(MESSAGES[message] ?? message, error);
}
