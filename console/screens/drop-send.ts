import type { FormAnswer } from '../../lambdas/core/api-answers.ts';
import { ApiError, post, type Trouble } from '../api.ts';

/** Why a file did not arrive, and what to do. */
export class SendError extends Error {
  override readonly name = 'SendError';
  readonly trouble: Trouble | 'unusable';

  constructor(trouble: SendError['trouble'], message: string) {
    super(message);
    this.trouble = trouble;
  }
}

interface Sending {
  readonly store: string;
  readonly fileName: string;
  readonly file: Blob;
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Sends a file to a store, by a form that allows this file alone. A form that has expired is replaced once.
 * @returns the version of the object, which tells its upload from others of the same name
 * @throws {ApiError} without a form
 * @throws {SendError} if the file did not arrive
 */
export async function sendFile(sending: Sending): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const { store, fileName, file, signal } = sending;
    const path = `/stores/${encodeURIComponent(store)}/uploads`;
    const form = await post<FormAnswer>(path, { fileName, size: file.size });
    signal.throwIfAborted();
    const { status, code, versionId } = await postForm(form, sending);
    if (status >= 200 && status < 300) return versionId;
    const isExpired = status === 403 || code === 'ExpiredToken';
    if (!isExpired || attempt > 1) throw explain(status, code, isExpired);
  }
}

/** Says what to do about any error of a file that was to be sent. */
export function describeTrouble(error: unknown): { message: string; trouble: SendError['trouble'] } {
  if (error instanceof SendError) return { message: error.message, trouble: error.trouble };
  if (!(error instanceof ApiError)) {
    return { message: error instanceof Error ? error.message : String(error), trouble: 'failed' };
  }
  const { trouble, message } = error;
  switch (trouble) {
    case 'offline':
      return { trouble, message: 'No connection. The file is sent as soon as there is one.' };
    case 'signed-out':
      return { trouble, message: `${message} Sign in again in another tab. Then press Send again.` };
    case 'forbidden':
      return { trouble, message: `${message} Choose another store, or ask your operator.` };
    default:
      return { trouble, message };
  }
}

function postForm({ url, fields }: FormAnswer, { file, fileName, onProgress, signal }: Sending) {
  return new Promise<{ status: number; code: string | undefined; versionId: string }>((resolve, reject) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    body.append('file', file, fileName);
    // Only XMLHttpRequest tells how much was sent.
    const request = new XMLHttpRequest();
    const cancel = () => request.abort();
    signal.addEventListener('abort', cancel);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(Math.min(loaded, file.size)));
    request.addEventListener('loadend', () => signal.removeEventListener('abort', cancel));
    request.addEventListener('load', () => {
      const code = /<Code>(\w+)<\/Code>/.exec(request.responseText)?.[1];
      const versionId = request.getResponseHeader('x-amz-version-id') ?? '';
      resolve({ status: request.status, code, versionId });
    });
    request.addEventListener('abort', () => reject(signal.reason));
    request.addEventListener('error', () => void explainBreak(file).then(reject));
    request.open('POST', url);
    request.send(body);
  });
}

/** A request without an answer: the file has changed, or the connection was lost. */
async function explainBreak(file: Blob): Promise<SendError> {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    return new SendError(
      'unusable',
      'The file has changed since it was checked. Remove it, and drop it again.',
    );
  }
  return new SendError('offline', 'The connection was lost. The file is sent again as soon as there is one.');
}

function explain(status: number, code: string | undefined, isExpired: boolean): SendError {
  if (code === 'EntityTooLarge' || code === 'EntityTooSmall')
    return new SendError(
      'unusable',
      'The file has changed since it was checked. Remove it, and drop it again.',
    );
  if (isExpired) {
    return new SendError(
      'forbidden',
      'The storage refused the file, although the form was new. Check the clock of this computer, or ask your operator.',
    );
  }
  const reason = code === undefined ? String(status) : `${status}, ${code}`;
  return new SendError('failed', `The storage did not take the file (${reason}). Try again.`);
}
