/** SQS bills so many bytes of a call as one request. */
export const SQS_REQUEST_BYTES = 65_536;

/** What SQS bills for messages that are sent and received once, and each deleted by itself. */
export function requestsOfMessages(lengths: readonly number[]): number {
  const chunks = lengths.reduce((sum, length) => sum + Math.ceil(length / SQS_REQUEST_BYTES), 0);
  return 2 * chunks + lengths.length;
}
