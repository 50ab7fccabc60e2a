/** The kinds of `s3:ObjectCreated` events. */
export type CreationKind = 'Put' | 'Copy' | 'CompleteMultipartUpload';

/** One version of one object. */
export interface ObjectVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly size: number;
  /** Entity tag with its quotes. */
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lastModified: Date;
  /** Increases with each new version. */
  readonly sequence: number;
}

/** Key and headers of an object that a client puts. */
export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a version. */
export interface VersionFile {
  /** File name, which is also the version's id. */
  readonly name: string;
  readonly size: number;
  /** Entity tag with its quotes. */
  readonly etag: string;
}

export type AddVersion = (object: NewObject, file: VersionFile, kind: CreationKind) => ObjectVersion;
