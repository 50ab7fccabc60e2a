import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { ObjectFiles, ReceivedFile } from './object-files.ts';
import type { AddVersion, NewObject, ObjectVersion } from './object-versions.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS multipart_uploads (
    upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
    content_type TEXT NOT NULL, metadata TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS parts (
    upload_id TEXT NOT NULL, part_number INTEGER NOT NULL, file TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (upload_id, part_number)
  );`;

type Row = Record<string, string | number>;

/** Uploads that come in parts, until they are objects. */
export class MultipartStore {
  #db: DatabaseSync;
  #files: ObjectFiles;
  #addVersion: AddVersion;

  /** @param addVersion makes a file the newest version of an object */
  constructor(db: DatabaseSync, files: ObjectFiles, addVersion: AddVersion) {
    this.#db = db;
    this.#files = files;
    this.#addVersion = addVersion;
    db.exec(SCHEMA);
  }

  create({ bucket, key, contentType, metadata }: NewObject): string {
    const uploadId = randomBytes(24).toString('hex');
    this.#db
      .prepare('INSERT INTO multipart_uploads VALUES (?, ?, ?, ?, ?)')
      .run(uploadId, bucket, key, contentType, JSON.stringify(metadata));
    return uploadId;
  }

  has(bucket: string, key: string, uploadId: string): boolean {
    const found = this.#db
      .prepare('SELECT 1 FROM multipart_uploads WHERE upload_id = ? AND bucket = ? AND key = ?')
      .get(uploadId, bucket, key);
    return found !== undefined;
  }

  /** The sizes of the parts that are there, by their numbers. */
  partSizes(uploadId: string): ReadonlyMap<number, number> {
    return new Map(this.#parts(uploadId).map((part) => [Number(part.part_number), Number(part.size)]));
  }

  putPart(uploadId: string, partNumber: number, file: ReceivedFile): string {
    const etag = `"${file.md5.toString('hex')}"`;
    this.#db
      .prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)')
      .run(uploadId, partNumber, file.name, file.size, etag);
    return etag;
  }

  /**
   * Joins the parts of an upload into the newest version of its object.
   * @returns undefined where a part is not there or has another entity tag
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
    // S3 user guide, "Checking object integrity": the MD5 of the parts' MD5s, and how many they are.
    const md5 = createHash('md5');
    for (const { etag } of rows) md5.update(Buffer.from(String(etag).slice(1, -1), 'hex'));
    const { bucket, key, content_type, metadata } = this.#db
      .prepare('SELECT * FROM multipart_uploads WHERE upload_id = ?')
      .get(uploadId) as Record<string, string>;
    const object = {
      bucket: bucket!,
      key: key!,
      contentType: content_type!,
      metadata: JSON.parse(metadata!),
    };
    const etag = `"${md5.digest('hex')}-${rows.length}"`;
    const version = this.#addVersion(object, { name, size, etag }, 'CompleteMultipartUpload');
    await this.abort(uploadId);
    return version;
  }

  async abort(uploadId: string): Promise<void> {
    for (const part of this.#parts(uploadId)) await this.#files.discard(String(part.file));
    this.#db.prepare('DELETE FROM parts WHERE upload_id = ?').run(uploadId);
    this.#db.prepare('DELETE FROM multipart_uploads WHERE upload_id = ?').run(uploadId);
  }

  #parts(uploadId: string): Row[] {
    return this.#db.prepare('SELECT * FROM parts WHERE upload_id = ?').all(uploadId) as Row[];
  }
}
