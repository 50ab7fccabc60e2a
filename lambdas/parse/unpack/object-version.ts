import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Upload } from '../../core/row-batch.ts';

/** The bytes of one object version. */
export interface ObjectBytes {
  readonly body: Readable;
  /** Of what was asked for. */
  readonly length: number;
}

/** One object version, which can be read from any byte, any number of times. */
export class ObjectVersion {
  #s3: S3Client;
  #upload: Upload;

  constructor(s3: S3Client, upload: Upload) {
    this.#s3 = s3;
    this.#upload = upload;
  }

  /**
   * @param end the last byte @default that of the object
   * @returns undefined where the version was deleted
   */
  async read(start = 0, end?: number): Promise<ObjectBytes | undefined> {
    const { bucket, key, versionId } = this.#upload;
    const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end ?? ''}` };
    try {
      const { Body, ContentLength = 0 } = await this.#s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, ...range }),
      );
      return { body: Body as Readable, length: ContentLength };
    } catch (error) {
      if (error instanceof Error && ['NoSuchKey', 'NoSuchVersion'].includes(error.name)) return undefined;
      throw error;
    }
  }
}
