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

/** The bytes of a version. */
export interface VersionFile {
  /** Also the version's id. */
  readonly name: string;
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
}

export type AddVersion = (object: NewObject, file: VersionFile, kind: CreationKind) => ObjectVersion;
