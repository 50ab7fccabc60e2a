import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The kinds of `s3:ObjectCreated` events. */
export type CreationKind = 'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload';

export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly size: number;
  /** Entity tag with its quotes. */
  readonly etag: string;
  readonly contentType: string;
  /** The other headers that are kept with the object, such as `x-amz-meta-till`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly lastModified: Date;
  /** Increases with each new version. */
  readonly sequence: number;
}

/** Key and headers of an object that a client puts. */
export type NewObject = Pick<ObjectVersion, 'bucket' | 'key' | 'contentType' | 'metadata'>;

/** The bytes of a version or of a part. */
export interface StoredFile {
  /** File name, which is also the id of the version. */
  readonly name: string;
  readonly size: number;
  /** Entity tag with its quotes: the MD5 of the bytes, except for joined parts. */
  readonly etag: string;
}

const READ_BYTES = 1_048_576;

/** Files with the bytes of objects and parts, one for each. */
export class ObjectFiles {
  #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  async receive(body: AsyncIterable<Buffer>): Promise<StoredFile> {
    const name = newFileName();
    const md5 = createHash('md5');
    let size = 0;
    async function* measure() {
      for await (const chunk of body) {
        md5.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    }
    try {
      // On the disk before the index names it.
      await pipeline(measure, createWriteStream(join(this.#dir, name), { flush: true }));
    } catch (error) {
      await this.discard(name);
      throw error;
    }
    return { name, size, etag: `"${md5.digest('hex')}"` };
  }

  async discard(name: string): Promise<void> {
    await rm(join(this.#dir, name), { force: true });
  }

  /** Reads the bytes `start` to `end`, both included. */
  read(name: string, start = 0, end = Number.POSITIVE_INFINITY): Readable {
    return createReadStream(join(this.#dir, name), { highWaterMark: READ_BYTES, start, end });
  }

  async join(names: readonly string[]): Promise<{ name: string; size: number }> {
    const name = newFileName();
    for (const part of names) {
      await pipeline(this.read(part), createWriteStream(join(this.#dir, name), { flags: 'a', flush: true }));
    }
    return { name, size: (await stat(join(this.#dir, name))).size };
  }
}

/** Creates a file name, which is also the id of the version. */
export function newFileName(): string {
  return randomBytes(16).toString('hex');
}
