import { createHash, randomBytes } from 'node:crypto';
import type { Row, SqliteFile } from '../sqlite-file.ts';
import type { AddVersion, NewObject, ObjectFiles, ObjectVersion, ReceivedFile } from './object-files.ts';

/** Tables of this store in the index of the objects. */
export const MULTIPART_SCHEMA = `
  CREATE TABLE IF NOT EXISTS multipart_uploads (
    upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
    content_type TEXT NOT NULL, metadata TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS parts (
    upload_id TEXT NOT NULL, part_number INTEGER NOT NULL, file TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (upload_id, part_number)
  );`;

/** Multipart uploads in progress. */
export class MultipartStore {
  #index: SqliteFile;
  #files: ObjectFiles;
  #addVersion: AddVersion;

  /** @param addVersion makes a file the newest version of an object */
  constructor(index: SqliteFile, files: ObjectFiles, addVersion: AddVersion) {
    this.#index = index;
    this.#files = files;
    this.#addVersion = addVersion;
  }

  create({ bucket, key, contentType, metadata }: NewObject): string {
    const uploadId = randomBytes(24).toString('hex');
    this.#index.run`
      INSERT INTO multipart_uploads
      VALUES (${uploadId}, ${bucket}, ${key}, ${contentType}, ${JSON.stringify(metadata)})`;
    return uploadId;
  }

  has(bucket: string, key: string, uploadId: string): boolean {
    const found = this.#index.get`
      SELECT 1 FROM multipart_uploads WHERE upload_id = ${uploadId} AND bucket = ${bucket} AND key = ${key}`;
    return found !== undefined;
  }

  /** Returns the sizes of the received parts, by their numbers. */
  partSizes(uploadId: string): ReadonlyMap<number, number> {
    return new Map(this.#parts(uploadId).map((part) => [Number(part.part_number), Number(part.size)]));
  }

  putPart(uploadId: string, partNumber: number, file: ReceivedFile): string {
    const etag = `"${file.md5.toString('hex')}"`;
    this.#index.run`
      INSERT OR REPLACE INTO parts VALUES (${uploadId}, ${partNumber}, ${file.name}, ${file.size}, ${etag})`;
    return etag;
  }

  /**
   * Joins the parts of an upload into the newest version of its object.
   * @returns undefined if a part is missing or has another entity tag
   */
  async complete(
    uploadId: string,
    wanted: readonly { partNumber: number; etag: string }[],
  ): Promise<ObjectVersion | undefined> {
    const parts = this.#parts(uploadId);
    const chosen = wanted.map(({ partNumber, etag }) =>
      parts.find((part) => part.part_number === partNumber && part.etag === etag),
    );
    if (chosen.length === 0 || chosen.includes(undefined)) return undefined;
    const rows = chosen as Row[];
    const { name, size } = await this.#files.join(rows.map(({ file }) => String(file)));
    // S3 user guide, "Checking object integrity": the MD5 of the parts' MD5s, and the number of parts.
    const md5 = createHash('md5');
    for (const { etag } of rows) md5.update(Buffer.from(String(etag).slice(1, -1), 'hex'));
    const upload = this.#index.get`SELECT * FROM multipart_uploads WHERE upload_id = ${uploadId}`!;
    const object = {
      bucket: String(upload.bucket),
      key: String(upload.key),
      contentType: String(upload.content_type),
      metadata: JSON.parse(String(upload.metadata)),
    };
    const etag = `"${md5.digest('hex')}-${rows.length}"`;
    const version = this.#addVersion(object, { name, size, etag }, 'CompleteMultipartUpload');
    await this.abort(uploadId);
    return version;
  }

  async abort(uploadId: string): Promise<void> {
    for (const part of this.#parts(uploadId)) await this.#files.discard(String(part.file));
    this.#index.run`DELETE FROM parts WHERE upload_id = ${uploadId}`;
    this.#index.run`DELETE FROM multipart_uploads WHERE upload_id = ${uploadId}`;
  }

  #parts(uploadId: string): Row[] {
    return this.#index.all`SELECT * FROM parts WHERE upload_id = ${uploadId}`;
  }
}
