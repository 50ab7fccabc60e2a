/** An answer of API Gateway itself. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** Cause, which AWS does not tell the caller. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, reason: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }

  get body(): string {
    return JSON.stringify({ message: this.message });
  }
}

export const notFound = () => new HttpError(404, 'Not Found', 'no route has this method and path');
export const forbidden = (reason: string) => new HttpError(403, 'Forbidden', reason);
export const tooManyRequests = () =>
  new HttpError(429, 'Too Many Requests', 'the stage allows fewer requests');
export const internalError = (reason: string) => new HttpError(500, 'Internal Server Error', reason);
