import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { RejectedCsv } from '../core/rejected-csv.ts';
import type { RowBatch, Upload } from '../core/row-batch.ts';
import { buildRejectedKey } from '../core/upload-key.ts';

/**
 * CSV file of the rejected rows of an upload, which a person can correct and drop again: the reason, then the original
 * row. It is written during the parse; without rejected rows, none is written.
 */
export class RejectedFile {
  #s3: S3Client;
  #upload: Upload;
  #firstBatch: number;
  #file: { csv: RejectedCsv; body: PassThrough; done: Promise<unknown> } | undefined;

  /** @param firstBatch of this invocation */
  constructor(s3: S3Client, upload: Upload, firstBatch: number) {
    this.#s3 = s3;
    this.#upload = upload;
    this.#firstBatch = firstBatch;
  }

  async write({ rejects, header = '', format = {} }: RowBatch): Promise<void> {
    if (rejects.length === 0) return;
    if (this.#file === undefined) {
      this.#file = { csv: new RejectedCsv(header, this.#upload.fileId, format), ...this.#open() };
      this.#file.body.write(this.#file.csv.formatHeader());
    }
    const { csv, body, done } = this.#file;
    if (!body.write(rejects.map((row) => csv.formatRow(row)).join('')))
      await Promise.race([once(body, 'drain'), done]);
  }

  async close(): Promise<void> {
    this.#file?.body.end();
    await this.#file?.done;
  }

  /** Aborts an incomplete multipart upload, whose parts S3 would keep, and waits until it is aborted. */
  async abort(): Promise<void> {
    // Upload.abort() of the library waits for more of the body before it aborts the upload in S3.
    this.#file?.body.destroy(new Error('the parse failed'));
    await this.#file?.done.catch(() => undefined);
  }

  #open() {
    const body = new PassThrough();
    const upload = new MultipartUpload({
      client: this.#s3,
      params: {
        Bucket: this.#upload.bucket,
        Key: buildRejectedKey(this.#upload, this.#firstBatch),
        Body: body,
        ContentType: 'text/csv; charset=utf-8',
      },
    });
    const done = upload.done();
    // `write` and `close` report the error; until then it must not count as unhandled.
    done.catch(() => undefined);
    return { body, done };
  }
}
