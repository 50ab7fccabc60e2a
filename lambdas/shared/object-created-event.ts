/** One object version, and when it was created. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** ISO 8601. */
  readonly receivedAt: string;
}

/**
 * The event with which S3 announces an object (S3 user guide, "Event message structure"), as far as the parser
 * reads it. Whoever wants an object to be parsed again sends this to the upload queue.
 */
export function objectCreatedEvent({ bucket, key, versionId, receivedAt }: CreatedObject): object {
  const encodedKey = encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
  const s3 = { bucket: { name: bucket }, object: { key: encodedKey, versionId } };
  return { Records: [{ eventSource: 'aws:s3', eventTime: receivedAt, s3 }] };
}
