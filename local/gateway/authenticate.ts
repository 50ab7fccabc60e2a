import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { REGION } from '../assembly/template.ts';
import { type AccessControl, OPERATOR_KEY } from '../iam/access-control.ts';
import type { AccessKeys } from '../iam/access-keys.ts';
import type { Caller } from '../iam/principals.ts';
import { type RequestTarget, readBytes, ServiceError, type ServiceRequest } from './service.ts';
import type { SignIn } from './sign-in.ts';
import { readSignature, readTime, type Signature, Signer, withoutSignature } from './signature.ts';
import { openPayload, readPayloadHash } from './signed-payload.ts';

/** Limit for the body of a service other than S3 and API Gateway, well above that of each service. */
const MAX_BODY_BYTES = 8 * 1024 ** 2;
const MAX_SKEW_MILLISECONDS = 15 * 60_000;
/** Longest validity of a presigned URL (S3 API reference, "Authenticating requests: using query parameters"). */
const MAX_EXPIRES_SECONDS = 7 * 86_400;

const QUERY_SERVICES = ['cloudformation', 'sts'];

/** Codes of S3, of the services with the Query protocol, and of those with JSON (their "Common errors"). */
const CODES = {
  s3: ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'RequestTimeTooSkewed', 'AuthorizationHeaderMalformed'],
  query: ['InvalidClientTokenId', 'SignatureDoesNotMatch', 'SignatureDoesNotMatch', 'IncompleteSignature'],
  json: [
    'UnrecognizedClientException',
    'InvalidSignatureException',
    'InvalidSignatureException',
    'IncompleteSignatureException',
  ],
} as const;

interface Callers {
  readonly access: AccessControl;
  readonly keys: AccessKeys;
}

/** Finds the caller of a request to an API, and reads its body. @throws {ServiceError} */
export type Authenticate = (
  incoming: IncomingMessage,
  url: RequestTarget,
  maxBodyBytes: number,
) => Promise<{ readonly caller: Caller; readonly accessKeyId: string; readonly body: Buffer }>;

/**
 * @param signIn tells which browsers have signed in, as the operator
 * @returns the verification of requests to APIs
 */
export function apiAuthenticator(callers: Callers, signIn: Pick<SignIn, 'isSignedIn'>): Authenticate {
  return async (incoming, url, maxBodyBytes) => {
    if (incoming.headers.authorization === undefined && signIn.isSignedIn(incoming)) {
      const caller = callers.access.findCaller(OPERATOR_KEY)!;
      return { caller, accessKeyId: OPERATOR_KEY, body: await readBytes(incoming, maxBodyBytes) };
    }
    const signature = readSignature(incoming, url);
    if (signature?.serviceName !== 'execute-api') {
      const message = 'The request needs a Signature Version 4 for execute-api.';
      throw new ServiceError('MissingAuthenticationToken', message, 403);
    }
    const { caller, signer } = findSigner(signature, callers);
    const body = await readSigned(incoming, url, signer, maxBodyBytes);
    return { caller, accessKeyId: signature.accessKeyId, body };
  };
}

/**
 * Finds the caller of a request and verifies its signature. The payload of S3 is verified while it is read.
 * @throws {ServiceError} with the code that the service has for it
 */
export async function authenticate(
  incoming: IncomingMessage,
  url: RequestTarget,
  signature: Signature,
  callers: Callers,
): Promise<ServiceRequest> {
  const { serviceName, region } = signature;
  const { caller, signer } = findSigner(signature, callers);
  if (serviceName !== 's3') {
    const bytes = await readSigned(incoming, url, signer, MAX_BODY_BYTES);
    return { incoming, url, region, caller, body: readOnce(bytes), trailers: {} };
  }
  const payloadHash = readPayloadHash(incoming, url, signature);
  checkSignedHeaders(incoming, signature);
  const { method = '', headers } = incoming;
  if (!signer.isSigned({ method, url, headers, payloadHash })) throw mismatch(signature);
  const target = signature.isPresigned ? withoutSignature(url, headers) : url;
  return { incoming, url: target, region, caller, ...openPayload(incoming, payloadHash, signer) };
}

/** Codes that a service has for a signature that is not valid. */
function codesOf({ serviceName, isPresigned }: Signature) {
  const protocol = serviceName === 's3' ? 's3' : QUERY_SERVICES.includes(serviceName) ? 'query' : 'json';
  const [unknown, mismatched, skewed, malformed] = CODES[protocol];
  const malformedHere = isPresigned ? 'AuthorizationQueryParametersError' : malformed;
  return { unknown, mismatched, skewed, malformed: malformedHere };
}

function mismatch(signature: Signature): ServiceError {
  const message = 'The request signature we calculated does not match the signature you provided.';
  const advice = 'Check your secret access key and signing method.';
  return new ServiceError(codesOf(signature).mismatched, `${message} ${advice}`, 403);
}

/** Finds the caller that a signature names, and checks what is not signed. */
function findSigner(signature: Signature, { access, keys }: Callers) {
  const { accessKeyId, serviceName, region } = signature;
  const { unknown, mismatched, skewed, malformed } = codesOf(signature);
  // CloudFormation answers for every region: another one has no stacks.
  if (region !== REGION && serviceName !== 'cloudformation') {
    // "Credential should be scoped to a valid region" (aws/aws-sdk-ruby#508, JuliaCloud/AWS.jl#565).
    const message = `The region "${region}" in the credential is wrong; expecting "${REGION}".`;
    const [code, status] = serviceName === 's3' ? [malformed, 400] : [mismatched, 403];
    throw new ServiceError(code, message, status);
  }
  const caller = access.findCaller(accessKeyId);
  if (caller === undefined) {
    const message = `The AWS access key id "${accessKeyId}" does not exist here: use "operator" and its secret.`;
    throw new ServiceError(unknown, message, 403);
  }
  checkForm(signature, malformed);
  checkTime(signature, skewed);
  return { caller, signer: new Signer(keys.signingKey(accessKeyId, signature), signature) };
}

/** Reads a whole body that is signed by its hash. */
async function readSigned(
  incoming: IncomingMessage,
  url: RequestTarget,
  signer: Signer,
  maxBytes: number,
): Promise<Buffer> {
  checkSignedHeaders(incoming, signer.signature);
  const { method = '', headers } = incoming;
  const bytes = await readBytes(incoming, maxBytes);
  const payloadHash = createHash('sha256').update(bytes).digest('hex');
  if (!signer.isSigned({ method, url, headers, payloadHash })) throw mismatch(signer.signature);
  return bytes;
}

/** @throws {ServiceError} if a part is missing or has another form */
function checkForm(signature: Signature, code: string): void {
  const { terminator, signedHeaders, value, expires, isPresigned, day, time, serviceName } = signature;
  const refuse = (message: string): never => {
    throw new ServiceError(code, message);
  };
  if (!signature.isComplete) refuse('A part of the signature is missing, repeated or unknown.');
  if (terminator !== 'aws4_request')
    refuse('The credential must end with "/<region>/<service>/aws4_request".');
  if (!/^[0-9a-f]{64}$/.test(value)) refuse('The signature is not 64 lowercase hexadecimal digits.');
  if (!signedHeaders.includes('host')) refuse('The header "host" must be signed.');
  if (Number.isNaN(readTime(time))) refuse('X-Amz-Date must have the form YYYYMMDDTHHMMSSZ.');
  if (time.slice(0, 8) !== day) refuse('The date in the credential must be the day of X-Amz-Date.');
  if (!isPresigned) return;
  if (serviceName !== 's3') refuse('The local cloud supports presigned URLs only for S3.');
  if (!/^\d{1,6}$/.test(expires) || Number(expires) < 1 || Number(expires) > MAX_EXPIRES_SECONDS) {
    refuse(`X-Amz-Expires must be a number of seconds from 1 to ${MAX_EXPIRES_SECONDS}.`);
  }
}

/** @throws {ServiceError} if the request was not signed about now, or its presigned URL has expired */
function checkTime({ isPresigned, time, expires }: Signature, code: string): void {
  const age = Date.now() - readTime(time);
  if (isPresigned) {
    if (age > Number(expires) * 1_000) throw new ServiceError('AccessDenied', 'Request has expired', 403);
    if (age < -MAX_SKEW_MILLISECONDS) throw new ServiceError('AccessDenied', 'Request is not valid yet', 403);
  } else if (Math.abs(age) > MAX_SKEW_MILLISECONDS) {
    const message = `The difference between the request time (${time}) and the current time is too large: set the clock.`;
    throw new ServiceError(code, message, 403);
  }
}

/**
 * Every `x-amz-` header must be signed, and the signed ones exist and are in their order (IAM user guide, "Create a signed
 * AWS API request").
 */
function checkSignedHeaders({ headers }: IncomingMessage, signature: Signature): void {
  const { signedHeaders } = signature;
  const missing = signedHeaders.find((name) => headers[name] === undefined);
  if (missing !== undefined || signedHeaders.join() !== [...new Set(signedHeaders)].sort().join()) {
    const message = 'The signed headers must be in the request, each once and sorted.';
    throw new ServiceError(codesOf(signature).mismatched, message, 403);
  }
  const unsigned = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name),
  );
  if (unsigned.length === 0) return;
  const message = `There were headers present in the request which were not signed: ${unsigned.join(', ')}`;
  throw new ServiceError('AccessDenied', message, 403);
}

async function* readOnce(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
