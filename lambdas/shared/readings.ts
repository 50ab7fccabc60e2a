import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DEFAULT_RULES, type Rules } from '../core/rules.ts';
import { READINGS_PREFIX } from '../core/upload-key.ts';
import type { CreatedObject } from './upload-message.ts';

/** Limits that decide which batches a file gives. */
export interface Limits {
  readonly maxUnpackedMiB: number;
  readonly maxRejectedRows: number;
  readonly maxMessageBytes: number;
}

/**
 * Record of the settings by which an object version was read. It is kept in the bucket, so that a later reading of the
 * same version can give the same rows after the settings have changed.
 */
export interface Reading {
  readonly version: 1;
  readonly key: string;
  readonly versionId: string;
  /**
   * Time of the event that announced the object first, ISO 8601. It orders the versions of a row, and the times of later
   * listings differ from it.
   */
  readonly receivedAt: string;
  /** Hash of the settings, the second part of the revision. */
  readonly settings: string;
  /** Rules of the store. */
  readonly rules: Rules;
  readonly limits: Limits;
  /** ISO 8601. */
  readonly readAt: string;
}

/** Name of the record of the first reading. Each other record has the hash of its settings as its name. */
export const FIRST_READING = 'first';

/** Builds the prefix of the keys of the records of an object version. */
export function buildReadingsPrefix({ key, versionId }: Pick<CreatedObject, 'key' | 'versionId'>): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([key, versionId]))
    .digest('hex');
  return `${READINGS_PREFIX}${digest.slice(0, 32)}/`;
}

export function buildReadingKey(object: Pick<CreatedObject, 'key' | 'versionId'>, name: string): string {
  return `${buildReadingsPrefix(object)}${name}.json`;
}

/**
 * Finds the record of a reading.
 * @param Key as `buildReadingKey` builds it
 * @returns undefined if the bucket has no such record
 */
export async function findReading(s3: S3Client, Bucket: string, Key: string): Promise<Reading | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const reading = JSON.parse(await Body!.transformToString()) as Reading;
    // A record of an earlier release lacks the rules that were added since, whose defaults change nothing.
    return { ...reading, rules: { ...DEFAULT_RULES, ...reading.rules } };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}
