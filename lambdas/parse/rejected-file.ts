import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { rejectedCsvHeader, rejectedCsvRow } from '../core/rejected-csv.ts';
import type { RowBatch, Upload } from '../core/row-batch.ts';
import { rejectedFileKey } from '../core/upload-key.ts';

/**
 * The rejected rows of an upload as a CSV that a person can correct and drop again: the reason, then the row as
 * it stood. It is written while the parse runs; where no row is rejected there is none.
 */
export class RejectedFile {
  #s3: S3Client;
  #upload: Upload;
  #firstBatch: number;
  #file: { body: PassThrough; upload: MultipartUpload; done: Promise<unknown> } | undefined;

  /** @param firstBatch of the parse that is under way */
  constructor(s3: S3Client, upload: Upload, firstBatch: number) {
    this.#s3 = s3;
    this.#upload = upload;
    this.#firstBatch = firstBatch;
  }

  async write({ rejects, header = '', format = {} }: RowBatch): Promise<void> {
    if (rejects.length === 0) return;
    if (this.#file === undefined) {
      this.#file = this.#open();
      this.#file.body.write(rejectedCsvHeader(header, format));
    }
    const { body, done } = this.#file;
    if (!body.write(rejects.map((row) => rejectedCsvRow(row, format)).join('')))
      await Promise.race([once(body, 'drain'), done]);
  }

  async close(): Promise<void> {
    this.#file?.body.end();
    await this.#file?.done;
  }

  /** Leaves no half file behind. */
  async abandon(): Promise<void> {
    await this.#file?.upload.abort();
  }

  #open() {
    const body = new PassThrough();
    const upload = new MultipartUpload({
      client: this.#s3,
      params: {
        Bucket: this.#upload.bucket,
        Key: rejectedFileKey(this.#upload, this.#firstBatch),
        Body: body,
        ContentType: 'text/csv; charset=utf-8',
      },
    });
    const done = upload.done();
    // Whoever waits for it gets the error; until then it is not an unhandled one.
    done.catch(() => undefined);
    return { body, upload, done };
  }
}
