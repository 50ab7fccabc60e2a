import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { INCOMING_PREFIX } from '../lambdas/core/upload-key.ts';
import type { CreatedObject } from '../lambdas/shared/object-created-event.ts';

/** Every version of the objects that were dropped, in pages of up to 1,000, by key and then newest first. */
export async function* listDropped(
  s3: S3Client,
  bucket: string,
  prefix: string = INCOMING_PREFIX,
): AsyncGenerator<CreatedObject[]> {
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (marker !== undefined) {
    const answer: ListObjectVersionsAnswer = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...marker }),
    );
    yield (answer.Versions ?? [])
      .filter(({ Key }) => !Key!.endsWith('/'))
      .map(({ Key, VersionId, LastModified }) => {
        return { bucket, key: Key!, versionId: VersionId!, receivedAt: LastModified!.toISOString() };
      });
    marker = answer.IsTruncated
      ? { KeyMarker: answer.NextKeyMarker!, VersionIdMarker: answer.NextVersionIdMarker! }
      : undefined;
  }
}

interface ListObjectVersionsAnswer {
  readonly Versions?: { Key?: string; VersionId?: string; LastModified?: Date }[];
  readonly IsTruncated?: boolean;
  readonly NextKeyMarker?: string;
  readonly NextVersionIdMarker?: string;
}
