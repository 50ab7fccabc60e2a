import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { REGION } from '../assembly/template.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { AccessKeys } from '../iam/access-keys.ts';
import { type Form, type RequestTarget, ServiceError, type ServiceRequest } from './service.ts';
import { ALGORITHM, isEqual, readTime } from './signature.ts';

/** S3 API reference, "Error responses": MaxPostPreDataLengthExceeded. */
const MAX_FIELD_BYTES = 20_480;
/** Life of a signing key (S3 API reference, "Signature calculation" of browser-based uploads). */
const MAX_AGE_MILLISECONDS = 7 * 86_400_000;

/** Tells whether a request is a form that may be signed in its fields. */
export function isForm({ method, headers }: IncomingMessage): boolean {
  return method === 'POST' && /^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '');
}

/**
 * Reads the fields of a form, finds its caller and verifies the signature of its policy (S3 API reference,
 * "Authenticating requests in browser-based uploads using POST"). S3 checks the policy itself.
 */
export async function authenticateForm(
  incoming: IncomingMessage,
  url: RequestTarget,
  { access, keys }: { readonly access: AccessControl; readonly keys: AccessKeys },
): Promise<ServiceRequest> {
  if (incoming.headers['content-length'] === undefined) {
    const message = 'You must provide the Content-Length HTTP header.';
    throw new ServiceError('MissingContentLength', message, 411);
  }
  const form = await readForm(incoming);
  const { fields, file } = form;
  try {
    const field = (name: string) => fields.get(name) ?? '';
    if (field('policy') === '' || field('x-amz-signature') === '') {
      throw new ServiceError('AccessDenied', 'The form has no policy, or its policy is not signed.', 403);
    }
    const [accessKeyId = '', day = '', region = '', serviceName = '', ...end] =
      field('x-amz-credential').split('/');
    const age = Date.now() - readTime(field('x-amz-date'));
    const isScope = region === REGION && serviceName === 's3' && end.join('/') === 'aws4_request';
    if (field('x-amz-algorithm') !== ALGORITHM || !isScope || field('x-amz-date').slice(0, 8) !== day) {
      const message = `The form must have X-Amz-Algorithm ${ALGORITHM}, and X-Amz-Credential for the day of X-Amz-Date, ${REGION} and s3.`;
      throw new ServiceError('InvalidArgument', message);
    }
    if (!(Math.abs(age) < MAX_AGE_MILLISECONDS)) {
      throw new ServiceError('AccessDenied', 'The form was not signed in the last seven days.', 403);
    }
    const caller = access.findCaller(accessKeyId);
    if (caller === undefined) {
      const message = `The AWS access key id "${accessKeyId}" does not exist here.`;
      throw new ServiceError('InvalidAccessKeyId', message, 403);
    }
    const key = keys.signingKey(accessKeyId, { day, region, serviceName });
    const expected = createHmac('sha256', key).update(field('policy')).digest('hex');
    if (!isEqual(expected, field('x-amz-signature'))) {
      const message = 'The request signature we calculated does not match the signature you provided.';
      throw new ServiceError('SignatureDoesNotMatch', message, 403);
    }
    return { incoming, url, region, caller, form, body: readFile(file), trailers: {} };
  } catch (error) {
    file.destroy();
    throw error;
  }
}

async function* readFile(file: Readable): AsyncGenerator<Buffer> {
  try {
    yield* file;
  } catch (error) {
    throw new ServiceError('MalformedPOSTRequest', (error as Error).message);
  }
}

/** Reads a form up to the bytes of its file. S3 ignores the fields after the file. */
async function readForm(incoming: IncomingMessage): Promise<Form> {
  const fields = new Map<string, string>();
  const { promise, resolve, reject } = Promise.withResolvers<Readable>();
  let file: Readable | undefined;
  let bytes = 0;
  const refuse = (code: string, message: string) => {
    const error = new ServiceError(code, message);
    reject(error);
    file?.destroy(error);
    skip();
  };
  let skip = () => void incoming.resume();
  try {
    const busboy = Busboy({
      headers: incoming.headers as BusboyHeaders,
      limits: { fieldSize: MAX_FIELD_BYTES, headerSize: MAX_FIELD_BYTES },
      isPartAFile: (name) => name?.toLowerCase() === 'file',
    });
    skip = () => void incoming.unpipe(busboy).resume();
    busboy.on('field', (name, value) => {
      if (file !== undefined) return;
      bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
      if (bytes >= MAX_FIELD_BYTES) {
        const message = 'Your POST request fields preceding the upload file were too large.';
        refuse('MaxPostPreDataLengthExceeded', message);
      }
      if (fields.has(name.toLowerCase())) refuse('InvalidArgument', `The form has the field ${name} twice.`);
      fields.set(name.toLowerCase(), value);
    });
    busboy.on('file', (_, stream, fileName) => {
      if (file !== undefined) {
        stream.resume();
        return;
      }
      file = stream.once('close', skip);
      fields.set('file', fileName ?? '');
      resolve(file);
    });
    const noFile = () => refuse('InvalidArgument', 'POST requires exactly one file upload per request.');
    const malformed = (error: unknown) => refuse('MalformedPOSTRequest', (error as Error).message);
    busboy.once('finish', noFile).once('error', malformed);
    incoming.once('close', () => {
      if (!incoming.complete) malformed(new Error('The form ends in the middle.'));
    });
    incoming.pipe(busboy);
  } catch (error) {
    refuse('MalformedPOSTRequest', (error as Error).message);
  }
  return { file: await promise, fields };
}
