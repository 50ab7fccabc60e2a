import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Row, SqliteFile } from '../sqlite-file.ts';
import {
  type CreationKind,
  type NewObject,
  newFileName,
  ObjectFiles,
  type ObjectVersion,
  type StoredFile,
} from './object-files.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS versions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL UNIQUE,
    is_delete_marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    content_type TEXT NOT NULL, metadata TEXT NOT NULL, last_modified INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, sequence);
  CREATE TABLE IF NOT EXISTS unannounced (
    version_id TEXT PRIMARY KEY REFERENCES versions (version_id) ON DELETE CASCADE, kind TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS multipart_uploads (
    upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
    content_type TEXT NOT NULL, metadata TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS parts (
    upload_id TEXT NOT NULL, part_number INTEGER NOT NULL, file TEXT NOT NULL,
    size INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (upload_id, part_number)
  );`;

/** A received part of a multipart upload. */
export interface Part extends StoredFile {
  readonly partNumber: number;
}

/**
 * Versioned buckets on disk: an index in SQLite and a file for the bytes of each version. Bytes are streamed, so
 * that memory does not grow with the size of a file.
 */
export class ObjectStore {
  readonly files: ObjectFiles;
  readonly createdAt: Date;
  /** Completions in progress by upload: a client that retries one gets the same version. */
  #completions = new Map<string, Promise<ObjectVersion>>();
  #index: SqliteFile;

  /** @param dir an existing folder */
  constructor(dir: string) {
    this.files = new ObjectFiles(join(dir, 'objects'));
    this.createdAt = statSync(dir).birthtime;
    this.#index = new SqliteFile(join(dir, 'index.sqlite'), SCHEMA, 'FULL');
  }

  close(): void {
    this.#index.close();
  }

  bucketNames(): string[] {
    const rows = this.#index.all('SELECT DISTINCT bucket FROM versions ORDER BY bucket');
    return rows.map(({ bucket }) => String(bucket));
  }

  /** Makes a file the newest version of an object. */
  put(object: NewObject, file: StoredFile, kind: CreationKind | 'DeleteMarker'): ObjectVersion {
    const { bucket, key, contentType } = object;
    const isDeleteMarker = kind === 'DeleteMarker';
    const row = this.#index.transaction(() => {
      const inserted = this.#index.get`
        INSERT INTO versions
          (bucket, key, version_id, is_delete_marker, size, etag, content_type, metadata, last_modified)
        VALUES (${bucket}, ${key}, ${file.name}, ${Number(isDeleteMarker)}, ${file.size}, ${file.etag},
          ${contentType}, ${JSON.stringify(object.metadata)}, ${Date.now()}) RETURNING *`;
      if (!isDeleteMarker) this.#index.run`INSERT INTO unannounced VALUES (${file.name}, ${kind})`;
      return inserted!;
    });
    return readVersion(row);
  }

  putDeleteMarker(bucket: string, key: string): ObjectVersion {
    const object = { bucket, key, contentType: '', metadata: {} };
    return this.put(object, { name: newFileName(), size: 0, etag: '' }, 'DeleteMarker');
  }

  /** Lists new versions without a sent event: after a crash, the next start sends those first. */
  unannounced(): { version: ObjectVersion; kind: CreationKind }[] {
    const rows = this.#index.all(
      'SELECT * FROM versions JOIN unannounced USING (version_id) ORDER BY sequence',
    );
    return rows.map((row) => ({ version: readVersion(row), kind: row.kind as CreationKind }));
  }

  /** After a power failure, the event may be sent again. */
  noteAnnounced({ versionId }: ObjectVersion): void {
    const remove = () => this.#index.run`DELETE FROM unannounced WHERE version_id = ${versionId}`;
    this.#index.transaction(remove, 'NORMAL');
  }

  /** @returns the version, by default the newest one, or undefined if it does not exist */
  find(bucket: string, key: string, versionId?: string): ObjectVersion | undefined {
    const wanted = versionId ?? null;
    const row = this.#index.get`
      SELECT * FROM versions WHERE bucket = ${bucket} AND key = ${key} AND version_id = coalesce(${wanted}, version_id)
      ORDER BY sequence DESC LIMIT 1`;
    return row === undefined ? undefined : readVersion(row);
  }

  /** Reads the bytes `start` to `end`, both included. */
  read({ versionId }: ObjectVersion, start: number, end: number): Readable {
    return this.files.read(versionId, start, end);
  }

  async deleteVersion({ versionId }: ObjectVersion): Promise<void> {
    this.#index.run`DELETE FROM versions WHERE version_id = ${versionId}`;
    await this.files.discard(versionId);
  }

  /** Lists the newest versions whose keys start with a prefix and follow a key, ordered by key. */
  list(bucket: string, prefix: string, after: string, limit: number): ObjectVersion[] {
    const rows = this.#index.all`
      SELECT *, max(sequence) FROM versions
      WHERE bucket = ${bucket} AND substr(key, 1, length(${prefix})) = ${prefix} AND key > ${after}
      GROUP BY key HAVING is_delete_marker = 0 ORDER BY key LIMIT ${limit}`;
    return rows.map(readVersion);
  }

  /**
   * Lists the versions whose keys start with a prefix, ordered by key, newest first.
   * @param after the last version of the previous page, or the last key without a version
   */
  listVersions(
    bucket: string,
    prefix: string,
    after: { key: string; versionId: string | undefined },
    limit: number,
  ): ObjectVersion[] {
    // If that version was deleted since, its key is listed again.
    const sequence =
      after.versionId === undefined
        ? 0
        : (this.find(bucket, after.key, after.versionId)?.sequence ?? Number.MAX_SAFE_INTEGER);
    const rows = this.#index.all`
      SELECT * FROM versions
      WHERE bucket = ${bucket} AND substr(key, 1, length(${prefix})) = ${prefix}
        AND (key > ${after.key} OR (key = ${after.key} AND sequence < ${sequence}))
      ORDER BY key, sequence DESC LIMIT ${limit}`;
    return rows.map(readVersion);
  }

  createUpload({ bucket, key, contentType, metadata }: NewObject): string {
    const uploadId = randomBytes(24).toString('hex');
    this.#index.run`
      INSERT INTO multipart_uploads
      VALUES (${uploadId}, ${bucket}, ${key}, ${contentType}, ${JSON.stringify(metadata)})`;
    return uploadId;
  }

  /** @returns undefined if no upload of this id is in progress */
  findUpload(uploadId: string): NewObject | undefined {
    const row = this.#index.get`SELECT * FROM multipart_uploads WHERE upload_id = ${uploadId}`;
    return row && readObject(row);
  }

  async putPart(uploadId: string, partNumber: number, { name, size, etag }: StoredFile): Promise<void> {
    const replaced = this.parts(uploadId).find((part) => part.partNumber === partNumber);
    this.#index
      .run`INSERT OR REPLACE INTO parts VALUES (${uploadId}, ${partNumber}, ${name}, ${size}, ${etag})`;
    if (replaced !== undefined) await this.files.discard(replaced.name);
  }

  parts(uploadId: string): Part[] {
    const rows = this.#index.all`SELECT * FROM parts WHERE upload_id = ${uploadId} ORDER BY part_number`;
    return rows.map(({ part_number, file, size, etag }) => {
      return { partNumber: Number(part_number), name: String(file), size: Number(size), etag: String(etag) };
    });
  }

  /** Joins parts of an upload into the newest version of its object, and ends the upload. */
  completeUpload(uploadId: string, parts: readonly Part[]): Promise<ObjectVersion> {
    const completion =
      this.#completions.get(uploadId) ??
      this.#join(uploadId, parts).finally(() => this.#completions.delete(uploadId));
    this.#completions.set(uploadId, completion);
    return completion;
  }

  async #join(uploadId: string, parts: readonly Part[]): Promise<ObjectVersion> {
    const { name, size } = await this.files.join(parts.map((part) => part.name));
    // S3 user guide, "Checking object integrity": the MD5 of the parts' MD5s, and the number of parts.
    const md5 = createHash('md5');
    for (const { etag } of parts) md5.update(Buffer.from(etag.slice(1, -1), 'hex'));
    const etag = `"${md5.digest('hex')}-${parts.length}"`;
    const version = this.put(this.findUpload(uploadId)!, { name, size, etag }, 'CompleteMultipartUpload');
    await this.#removeUpload(uploadId);
    return version;
  }

  /** Ends an upload, but not one that is being completed. */
  async abortUpload(uploadId: string): Promise<void> {
    await (this.#completions.get(uploadId) ?? this.#removeUpload(uploadId));
  }

  async #removeUpload(uploadId: string): Promise<void> {
    for (const { name } of this.parts(uploadId)) await this.files.discard(name);
    this.#index.run`DELETE FROM parts WHERE upload_id = ${uploadId}`;
    this.#index.run`DELETE FROM multipart_uploads WHERE upload_id = ${uploadId}`;
  }
}

function readObject(row: Row): NewObject {
  return {
    bucket: String(row.bucket),
    key: String(row.key),
    contentType: String(row.content_type),
    metadata: JSON.parse(String(row.metadata)) as Record<string, string>,
  };
}

function readVersion(row: Row): ObjectVersion {
  return {
    ...readObject(row),
    versionId: String(row.version_id),
    isDeleteMarker: row.is_delete_marker === 1,
    size: Number(row.size),
    etag: String(row.etag),
    lastModified: new Date(Number(row.last_modified)),
    sequence: Number(row.sequence),
  };
}
