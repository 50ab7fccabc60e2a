import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Archive, damaged } from './archive.ts';

/** How much is unpacked at a time. */
const CHUNK_BYTES = 262_144;

/**
 * @param read gives the bytes of the object from its beginning
 * @param length how many they are
 */
export function gzipArchive(read: () => Promise<Readable>, length: number): Archive {
  return { compression: 'gzip', unpack: () => unpackGzip(read, length) };
}

async function* unpackGzip(read: () => Promise<Readable>, length: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // Whoever reads from the last of the streams gets the error of either.
  pipeline(await read(), gunzip, () => undefined);
  try {
    yield* gunzip;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Errors of zlib have codes of their own; all others are of the network.
    throw code?.startsWith('Z_') ? damaged(message, error) : error;
  }
  // Node takes a NUL behind a member for the end of all, whatever follows.
  if (gunzip.bytesWritten !== length) throw damaged('bytes that are not packed stand behind its end');
}
