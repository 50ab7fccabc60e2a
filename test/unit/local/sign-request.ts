import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { RunningGateway } from './running-gateway.ts';

/** SHA-256 as the signer of the SDK uses it: with a secret, an HMAC. */
class Sha256 {
  #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | Uint8Array);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('the signer does not reset a hash');
  }
}

export interface RawRequest {
  readonly method?: string;
  /** Path as it is sent, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly service?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Time of signing. */
  readonly date?: Date;
}

function prepare({ endpoint, keys }: RunningGateway, request: RawRequest) {
  const { method = 'GET', headers = {}, body, service = 's3', region = 'us-east-1' } = request;
  const { accessKeyId = 'operator', secretAccessKey = keys.secretOf(accessKeyId) } = request;
  const [path = '', search = ''] = request.path.split(/\?(.*)/s);
  const { host, hostname, port } = new URL(endpoint);
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });
  const query = Object.fromEntries(new URLSearchParams(search));
  const parts = { protocol: 'http:', hostname, port: Number(port), method, path, query };
  return { signer, parts: { ...parts, headers: { host, ...headers }, body }, search };
}

/** Signs a request in its headers, and returns all of them. */
export async function signHeaders(
  gateway: RunningGateway,
  request: RawRequest,
): Promise<Record<string, string>> {
  const { signer, parts } = prepare(gateway, request);
  const { date = new Date() } = request;
  return (await signer.sign(parts, { signingDate: date })).headers as Record<string, string>;
}

/** Signs a request in its query. @returns the presigned URL */
export async function presign(gateway: RunningGateway, request: RawRequest, expiresIn = 60): Promise<string> {
  const { signer, parts } = prepare(gateway, request);
  // The signer leaves a body unsigned that is not bytes.
  const unsigned = { ...parts, body: {} };
  const signed = await signer.presign(unsigned, { signingDate: request.date ?? new Date(), expiresIn });
  const query = new URLSearchParams(signed.query as Record<string, string>);
  return `${gateway.endpoint}${request.path.split('?')[0]}?${query}`;
}

/** Signs a request in its headers and sends it. @param changed headers that differ from the signed ones */
export async function sendSigned(
  gateway: RunningGateway,
  request: RawRequest,
  changed: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { host: _isSetByFetch, ...headers } = await signHeaders(gateway, request);
  const { method = 'GET', path, body } = request;
  const content = body === undefined ? {} : { body: new Uint8Array(Buffer.from(body)) };
  return fetch(gateway.endpoint + path, { method, headers: { ...headers, ...changed }, ...content });
}
