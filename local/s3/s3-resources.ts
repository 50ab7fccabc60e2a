import type { ServiceRequest } from '../gateway/service.ts';
import { ServiceError } from '../gateway/service-error.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import type { ObjectStore } from './object-store.ts';
import type { CreationKind, ObjectVersion } from './object-versions.ts';

/** Resolves when everybody who wants to know of the object was told. */
export type Announce = (version: ObjectVersion, kind: CreationKind) => Promise<void>;

/** A request for an object; the key is empty where it is for a bucket. */
export interface ObjectRequest extends ServiceRequest {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** What requests work on: the objects, behind the permissions of whoever calls. */
export class S3Resources {
  readonly store: ObjectStore;
  readonly access: AccessControl;

  constructor(store: ObjectStore, access: AccessControl) {
    this.store = store;
    this.access = access;
  }

  authorize(
    caller: Caller,
    action: string,
    bucket: string,
    key?: string,
    context: Record<string, string> = {},
  ): void {
    const resource = `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;
    this.access.authorize(caller, action, resource, context);
  }

  /** A part is read again when all are joined, and with a key so decrypted. */
  authorizePart(caller: Caller, bucket: string, key: string): void {
    this.authorize(caller, 's3:PutObject', bucket, key);
    this.access.authorizeKey(caller, 'kms:Decrypt', `arn:aws:s3:::${bucket}/${key}`);
  }

  /** Who may not list the bucket is not told whether an object is there (S3 API reference, GetObject). */
  find(caller: Caller, bucket: string, key: string, versionId: string | undefined): ObjectVersion {
    const version = this.store.find(bucket, key, versionId);
    if (version !== undefined && !version.isDeleteMarker) return version;
    if (!this.access.permits(caller, 's3:ListBucket', `arn:aws:s3:::${bucket}`)) {
      throw new ServiceError('AccessDenied', 403, 'Access Denied');
    }
    const code = versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion';
    throw new ServiceError(
      code,
      404,
      `The specified ${versionId === undefined ? 'key' : 'version'} does not exist.`,
    );
  }

  newest(bucket: string, key: string): ObjectVersion | undefined {
    const version = this.store.find(bucket, key);
    return version?.isDeleteMarker ? undefined : version;
  }
}
