import { damagedArchive } from '../../lambdas/core/archive/archive.ts';
import { type ArchivedFile, checkContent, collectFiles } from '../../lambdas/core/archive/archived-files.ts';
import { readBlob } from './chunks.ts';
import { crc32 } from './crc32.ts';
import { decompress } from './gzip.ts';
import { type DirectoryEntry, findContent, readDirectory } from './zip-directory.ts';

const [STORED, DEFLATED] = [0, 8];

/** Lists the files of a zip archive, of which it reads only the directory. @throws {ArchiveError} if it is damaged or unusable */
export function listZip(blob: Blob): Promise<ArchivedFile[]> {
  return collectFiles(listEntries(blob));
}

async function* listEntries(blob: Blob) {
  for await (const entry of readDirectory(blob)) {
    const { fileName } = entry;
    yield { fileName, unpack: () => checkContent(unpackEntry(blob, entry), entry, crc32) };
  }
}

async function* unpackEntry(blob: Blob, entry: DirectoryEntry): AsyncGenerator<Uint8Array> {
  const { isEncrypted, method, packedBytes } = entry;
  if (isEncrypted) throw damagedArchive('it is encrypted with a password');
  if (method !== STORED && method !== DEFLATED)
    throw damagedArchive(`unsupported compression method: ${method}`);
  const start = await findContent(blob, entry);
  const content = blob.slice(start, start + packedBytes);
  yield* method === STORED ? readBlob(content) : decompress(content, 'deflate-raw');
}
