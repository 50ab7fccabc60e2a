import type { S3Client } from '@aws-sdk/client-s3';
import { type RulesDocument, rulesFor } from '../core/rules.ts';
import { readStore } from '../core/upload-key.ts';
import { createObject } from '../shared/create-object.ts';
import { PermanentError, TransientError } from '../shared/errors.ts';
import {
  buildReadingKey,
  FIRST_READING,
  findReading,
  type Limits,
  type Reading,
} from '../shared/readings.ts';
import type { CreatedObject, ReadRequest } from '../shared/upload-message.ts';

/** The settings of the deployed parser. */
export interface CurrentSettings {
  /** Hash of all of them. */
  readonly settings: string;
  readonly document: RulesDocument;
  readonly limits: Limits;
}

/**
 * Chooses the settings by which an object version is read, and records them in the bucket. By default they are those of
 * its first reading: a repeated event, the sweeper and a rebuild give the same rows after any change of the settings.
 * @throws {PermanentError} if the request names settings by which the version was never read
 */
export async function chooseReading(
  s3: S3Client,
  { object, settings, continued }: ReadRequest,
  current: CurrentSettings,
  readAt?: string,
): Promise<Reading> {
  const now = describeReading(object, current, readAt);
  if (settings === current.settings) {
    if (continued !== undefined) return now;
    const first = await findReading(s3, object.bucket, buildReadingKey(object, FIRST_READING));
    return { ...now, receivedAt: first?.receivedAt ?? now.receivedAt };
  }
  if (settings !== undefined && settings !== 'current') return findRecorded(s3, object, settings);
  const first = await recordUnlessFound(s3, object, FIRST_READING, now);
  if (settings === undefined || first.settings === now.settings) return first;
  return recordUnlessFound(s3, object, now.settings, { ...now, receivedAt: first.receivedAt });
}

/** Describes a reading of an object version by the current settings. */
export function describeReading(
  { key, versionId, receivedAt }: CreatedObject,
  { settings, document, limits }: CurrentSettings,
  readAt = new Date().toISOString(),
): Reading {
  const rules = rulesFor(document, readStore(key));
  return { version: 1, key, versionId, receivedAt, settings, rules, limits, readAt };
}

/** @returns the existing record, if there is one */
async function recordUnlessFound(
  s3: S3Client,
  object: CreatedObject,
  name: string,
  reading: Reading,
): Promise<Reading> {
  const Bucket = object.bucket;
  const Key = buildReadingKey(object, name);
  const Body = JSON.stringify(reading);
  if (await createObject(s3, { Bucket, Key, Body, ContentType: 'application/json' })) return reading;
  const found = await findReading(s3, Bucket, Key);
  if (found === undefined) throw new TransientError(`the record ${Key} was deleted while it was read`);
  return found;
}

async function findRecorded(s3: S3Client, object: CreatedObject, settings: string): Promise<Reading> {
  for (const name of [FIRST_READING, settings]) {
    const found = await findReading(s3, object.bucket, buildReadingKey(object, name));
    if (found?.settings === settings) return found;
  }
  throw new PermanentError(
    `the bucket has no record that ${object.key} was read by the settings ${settings}: replay the file by the current settings`,
  );
}
