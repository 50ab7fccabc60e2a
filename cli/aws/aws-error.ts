/** Properties that errors of the SDK, of its credential providers and of Node.js sockets may have. */
export interface AwsError extends Error {
  /** Code of Node.js, such as `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}
