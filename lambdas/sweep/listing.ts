import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { INCOMING_PREFIX } from '../core/upload-key.ts';

/**
 * Pages of 1,000 versions that are listed in one go. What is behind them is for the next sweep, so that a sweep costs
 * the same whatever the bucket holds.
 */
const MAX_PAGES = 20;

/** Where a listing goes on; empty where it begins. */
export interface Place {
  readonly keyMarker: string;
  readonly versionMarker: string;
}

export const BEGINNING: Place = { keyMarker: '', versionMarker: '' };

export interface ListedObject {
  readonly key: string;
  readonly versionId: string;
  readonly receivedAt: Date;
}

/** A page of the versions that were dropped, and the place of the next one: the beginning behind the last. */
export interface Page {
  readonly objects: readonly ListedObject[];
  readonly next: Place;
}

/** Lists pages from a place on, as many as one sweep may. */
export async function listPages(s3: S3Client, bucket: string, from: Place): Promise<Page[]> {
  const pages: Page[] = [];
  let place = from;
  do {
    const answer = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: INCOMING_PREFIX,
        ...(place.keyMarker !== '' && { KeyMarker: place.keyMarker }),
        ...(place.versionMarker !== '' && { VersionIdMarker: place.versionMarker }),
      }),
    );
    // Consoles show folders by empty objects.
    const versions = (answer.Versions ?? []).filter(({ Key }) => !Key!.endsWith('/'));
    place = answer.IsTruncated
      ? { keyMarker: answer.NextKeyMarker ?? '', versionMarker: answer.NextVersionIdMarker ?? '' }
      : BEGINNING;
    pages.push({
      objects: versions.map(({ Key, VersionId, LastModified }) => {
        return { key: Key!, versionId: VersionId!, receivedAt: LastModified! };
      }),
      next: place,
    });
  } while (place !== BEGINNING && pages.length < MAX_PAGES);
  return pages;
}
