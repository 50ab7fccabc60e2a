import type { ServiceRequest } from '../gateway/service.ts';
import { ServiceError } from '../gateway/service-error.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import type { ObjectStore } from './object-store.ts';
import type { CreationKind, ObjectVersion } from './object-versions.ts';

/** Resolves when the events for the version have been sent. */
export type Announce = (version: ObjectVersion, kind: CreationKind) => Promise<void>;

/** A request for an object, or for a bucket if the key is empty. */
export interface ObjectRequest extends ServiceRequest {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** The object store with the permission checks of S3. */
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

  /** Authorizes a part, which is decrypted again when all parts are joined. */
  authorizePart(caller: Caller, bucket: string, key: string): void {
    this.authorize(caller, 's3:PutObject', bucket, key);
    this.access.authorizeKey(caller, 'kms:Decrypt', `arn:aws:s3:::${bucket}/${key}`);
  }

  /** Finds a version. Without permission to list the bucket, a missing one is AccessDenied (S3 API reference, GetObject). */
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
