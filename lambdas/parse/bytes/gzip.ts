import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Archive, damagedArchive } from './archive.ts';

const CHUNK_BYTES = 262_144;

/**
 * @param read returns the bytes of the object from its beginning
 * @param length of the object, in bytes
 */
export function gzipArchive(read: () => Promise<Readable>, length: number): Archive {
  return { compression: 'gzip', unpack: () => unpackGzip(read, length) };
}

async function* unpackGzip(read: () => Promise<Readable>, length: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // The reader of the last stream gets the error of either stream.
  pipeline(await read(), gunzip, () => undefined);
  try {
    yield* gunzip;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Errors of zlib have codes of their own; all others come from the network.
    throw code?.startsWith('Z_') ? damagedArchive(message, error) : error;
  }
  // Node.js takes a NUL after a member for the end of the archive, whatever follows.
  if (gunzip.bytesWritten !== length) throw damagedArchive('data follows the end of the archive');
}
