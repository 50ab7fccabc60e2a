import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS versions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL UNIQUE,
    is_delete_marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    content_type TEXT NOT NULL, metadata TEXT NOT NULL, last_modified INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, sequence);
  CREATE TABLE IF NOT EXISTS multipart_uploads (
    upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
    content_type TEXT NOT NULL, metadata TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS parts (
    upload_id TEXT NOT NULL, part_number INTEGER NOT NULL, file TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (upload_id, part_number)
  );
  CREATE TABLE IF NOT EXISTS unannounced (
    version_id TEXT PRIMARY KEY REFERENCES versions (version_id) ON DELETE CASCADE, kind TEXT NOT NULL
  );`;

/** The kinds of `s3:ObjectCreated` events. */
export type CreationKind = 'Put' | 'Copy' | 'CompleteMultipartUpload';

/** One version of one object. */
export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lastModified: Date;
  /** Grows with each version that is made. */
  readonly sequence: number;
}

/** What a client says of an object that it puts. */
export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes that were received and are not an object yet. */
export interface ReceivedFile {
  readonly name: string;
  readonly size: number;
  readonly md5: Buffer;
}

type Row = Record<string, string | number>;

/**
 * Versioned buckets on disk: an index in SQLite and a file for the bytes of each version. Bytes are streamed, so
 * that memory does not grow with the size of a file. (fauxqs, which serves the queues, keeps no versions and
 * reads whole objects into memory.)
 */
export class ObjectStore {
  #dir: string;
  #db: DatabaseSync;

  constructor(dir: string) {
    this.#dir = join(dir, 'objects');
    mkdirSync(this.#dir, { recursive: true });
    this.#db = new DatabaseSync(join(dir, 'index.sqlite'));
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`);
  }

  close(): void {
    this.#db.close();
  }

  /** Writes a stream to a file of its own. */
  async receive(body: Readable): Promise<ReceivedFile> {
    const name = randomBytes(16).toString('hex');
    const md5 = createHash('md5');
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        md5.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    try {
      await pipeline(body, measure, createWriteStream(join(this.#dir, name)));
    } catch (error) {
      await this.discard(name);
      throw error;
    }
    return { name, size, md5: md5.digest() };
  }

  async discard(name: string): Promise<void> {
    await rm(join(this.#dir, name), { force: true });
  }

  /** Makes a received file the newest version of an object. */
  put(object: NewObject, file: ReceivedFile, kind: CreationKind): ObjectVersion {
    return this.#addVersion(object, file.name, file.size, `"${file.md5.toString('hex')}"`, kind);
  }

  /** New versions of which the events are not out: after a crash they are what a start begins with. */
  unannounced(): { version: ObjectVersion; kind: CreationKind }[] {
    const rows = this.#db
      .prepare('SELECT * FROM versions JOIN unannounced USING (version_id) ORDER BY sequence')
      .all() as Row[];
    return rows.map((row) => ({ version: versionOf(row), kind: row.kind as CreationKind }));
  }

  noteAnnounced({ versionId }: ObjectVersion): void {
    this.#db.prepare('DELETE FROM unannounced WHERE version_id = ?').run(versionId);
  }

  putDeleteMarker(bucket: string, key: string): ObjectVersion {
    const object = { bucket, key, contentType: '', metadata: {} };
    return this.#addVersion(object, randomBytes(16).toString('hex'), 0, '', 'DeleteMarker');
  }

  /** @returns the version, or the newest one; undefined where there is none */
  find(bucket: string, key: string, versionId?: string): ObjectVersion | undefined {
    const row =
      versionId === undefined
        ? this.#db
            .prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1')
            .get(bucket, key)
        : this.#db
            .prepare('SELECT * FROM versions WHERE bucket = ? AND key = ? AND version_id = ?')
            .get(bucket, key, versionId);
    return row === undefined ? undefined : versionOf(row as Row);
  }

  /** Bytes `start` to `end`, both included. */
  read({ versionId }: ObjectVersion, start: number, end: number): Readable {
    return createReadStream(join(this.#dir, versionId), { start, end, highWaterMark: 1_048_576 });
  }

  async deleteVersion({ versionId }: ObjectVersion): Promise<void> {
    this.#db.prepare('DELETE FROM versions WHERE version_id = ?').run(versionId);
    await this.discard(versionId);
  }

  /** The newest versions whose keys begin with a prefix and come after a key, in the order of their keys. */
  list(bucket: string, prefix: string, after: string, limit: number): ObjectVersion[] {
    const rows = this.#db
      .prepare(
        `SELECT *, max(sequence) FROM versions
         WHERE bucket = ? AND substr(key, 1, length(?)) = ? AND key > ?
         GROUP BY key HAVING is_delete_marker = 0 ORDER BY key LIMIT ?`,
      )
      .all(bucket, prefix, prefix, after, limit);
    return rows.map((row) => versionOf(row as Row));
  }

  /**
   * Versions whose keys begin with a prefix, by key, newest first.
   * @param after the last one of the page before; without a version, the last key
   */
  listVersions(
    bucket: string,
    prefix: string,
    after: { key: string; versionId: string | undefined },
    limit: number,
  ): ObjectVersion[] {
    const { sequence = 0 } =
      after.versionId === undefined ? {} : (this.find(bucket, after.key, after.versionId) ?? {});
    const rows = this.#db
      .prepare(
        `SELECT * FROM versions
         WHERE bucket = ? AND substr(key, 1, length(?)) = ? AND (key > ? OR (key = ? AND sequence < ?))
         ORDER BY key, sequence DESC LIMIT ?`,
      )
      .all(bucket, prefix, prefix, after.key, after.key, sequence, limit);
    return rows.map((row) => versionOf(row as Row));
  }

  createMultipartUpload({ bucket, key, contentType, metadata }: NewObject): string {
    const uploadId = randomBytes(24).toString('hex');
    this.#db
      .prepare('INSERT INTO multipart_uploads VALUES (?, ?, ?, ?, ?)')
      .run(uploadId, bucket, key, contentType, JSON.stringify(metadata));
    return uploadId;
  }

  hasMultipartUpload(bucket: string, key: string, uploadId: string): boolean {
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
  async completeMultipartUpload(
    uploadId: string,
    wanted: readonly { partNumber: number; etag: string }[],
  ): Promise<ObjectVersion | undefined> {
    const parts = this.#parts(uploadId);
    const chosen = wanted.map(({ partNumber, etag }) =>
      parts.find((part) => part.part_number === partNumber && part.etag === etag),
    );
    if (chosen.length === 0 || chosen.includes(undefined)) return undefined;
    const name = randomBytes(16).toString('hex');
    const md5 = createHash('md5');
    for (const part of chosen as Row[]) await this.#append(part, name, md5);
    const { bucket, key, content_type, metadata } = this.#db
      .prepare('SELECT * FROM multipart_uploads WHERE upload_id = ?')
      .get(uploadId) as Record<string, string>;
    const object = {
      bucket: bucket!,
      key: key!,
      contentType: content_type!,
      metadata: JSON.parse(metadata!),
    };
    const { size } = await stat(join(this.#dir, name));
    const etag = `"${md5.digest('hex')}-${chosen.length}"`;
    const version = this.#addVersion(object, name, size, etag, 'CompleteMultipartUpload');
    await this.abortMultipartUpload(uploadId);
    return version;
  }

  async abortMultipartUpload(uploadId: string): Promise<void> {
    for (const part of this.#parts(uploadId)) await this.discard(String(part.file));
    this.#db.prepare('DELETE FROM parts WHERE upload_id = ?').run(uploadId);
    this.#db.prepare('DELETE FROM multipart_uploads WHERE upload_id = ?').run(uploadId);
  }

  #parts(uploadId: string): Row[] {
    return this.#db.prepare('SELECT * FROM parts WHERE upload_id = ?').all(uploadId) as Row[];
  }

  async #append({ file, etag }: Row, name: string, md5: Hash): Promise<void> {
    md5.update(Buffer.from(String(etag).slice(1, -1), 'hex'));
    const target = createWriteStream(join(this.#dir, name), { flags: 'a' });
    await pipeline(createReadStream(join(this.#dir, String(file)), { highWaterMark: 1_048_576 }), target);
  }

  #addVersion(
    object: NewObject,
    versionId: string,
    size: number,
    etag: string,
    kind: CreationKind | 'DeleteMarker',
  ): ObjectVersion {
    this.#db.exec('BEGIN');
    const row = this.#db
      .prepare(
        `INSERT INTO versions
           (bucket, key, version_id, is_delete_marker, size, etag, content_type, metadata, last_modified)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
      )
      .get(
        object.bucket,
        object.key,
        versionId,
        kind === 'DeleteMarker' ? 1 : 0,
        size,
        etag,
        object.contentType,
        JSON.stringify(object.metadata),
        Date.now(),
      );
    if (kind !== 'DeleteMarker') {
      this.#db.prepare('INSERT INTO unannounced VALUES (?, ?)').run(versionId, kind);
    }
    this.#db.exec('COMMIT');
    return versionOf(row as Row);
  }
}

function versionOf(row: Row): ObjectVersion {
  return {
    bucket: String(row.bucket),
    key: String(row.key),
    versionId: String(row.version_id),
    isDeleteMarker: row.is_delete_marker === 1,
    size: Number(row.size),
    etag: String(row.etag),
    contentType: String(row.content_type),
    metadata: JSON.parse(String(row.metadata)) as Record<string, string>,
    lastModified: new Date(Number(row.last_modified)),
    sequence: Number(row.sequence),
  };
}
