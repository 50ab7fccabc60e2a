import { ListObjectVersionsCommand, type ListObjectVersionsOutput, type S3Client } from '@aws-sdk/client-s3';
import { INCOMING_PREFIX, toStorableKey } from '../core/upload-key.ts';
import { type CreatedObject, decodeKey } from './upload-message.ts';

/** Position in a listing; both markers are empty at its beginning. */
export interface ListingPosition {
  /** URL-encoded, as S3 returns it: a key may have characters that PostgreSQL does not store. */
  readonly keyMarker: string;
  readonly versionMarker: string;
}

export const LISTING_START: ListingPosition = { keyMarker: '', versionMarker: '' };

export interface ListingPage {
  readonly objects: readonly CreatedObject[];
  readonly next: ListingPosition;
}

/** Lists every version of the uploaded objects, in pages of up to 1,000, by key, the newest version of a key first. */
export async function* listUploads(
  s3: S3Client,
  bucket: string,
  { prefix = INCOMING_PREFIX, from = LISTING_START }: { prefix?: string; from?: ListingPosition } = {},
): AsyncGenerator<ListingPage, void> {
  let position = from;
  do {
    const page: ListObjectVersionsOutput = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        // XML cannot have every character of a key (S3 API reference, "ListObjectVersions").
        EncodingType: 'url',
        ...(position.keyMarker !== '' && { KeyMarker: decodeKey(position.keyMarker) }),
        ...(position.versionMarker !== '' && { VersionIdMarker: position.versionMarker }),
      }),
    );
    // Consoles create empty objects to show folders.
    const versions = (page.Versions ?? []).filter(({ Key }) => !Key!.endsWith('/'));
    position = page.IsTruncated
      ? { keyMarker: page.NextKeyMarker ?? '', versionMarker: page.NextVersionIdMarker ?? '' }
      : LISTING_START;
    const objects = versions.map(({ Key, VersionId, LastModified }) => {
      return {
        bucket,
        key: toStorableKey(decodeKey(Key!)),
        versionId: VersionId!,
        receivedAt: LastModified!.toISOString(),
      };
    });
    yield { objects, next: position };
  } while (position !== LISTING_START);
}
