import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { damagedArchive } from '../../core/archive/archive.ts';

/** Reads the bytes of the object from `start` to `end`, both inclusive; by default all of them. */
export type ReadRange = (start?: number, end?: number) => Promise<Readable>;

const CHUNK_BYTES = 262_144;

/** @param length of the object, in bytes */
export async function* unpackGzip(read: ReadRange, length: number): AsyncGenerator<Buffer> {
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
