import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Status of S3 when a conditional write finds an object (S3 user guide, "Add preconditions to S3 operations"). */
const PRECONDITION_FAILED = 412;

/**
 * Creates an object unless one exists under the key.
 * @returns false if one exists, which stays as it is
 */
export async function createObject(
  s3: S3Client,
  object: {
    readonly Bucket: string;
    readonly Key: string;
    readonly Body: string;
    readonly ContentType?: string;
  },
): Promise<boolean> {
  try {
    await s3.send(new PutObjectCommand({ ...object, IfNoneMatch: '*' }));
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
}

/** Tells whether a conditional write failed because the object exists. */
export function isExisting(error: unknown): boolean {
  const { $metadata } = Object(error) as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode === PRECONDITION_FAILED;
}
