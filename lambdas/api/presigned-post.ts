import { createHmac } from 'node:crypto';

const ALGORITHM = 'AWS4-HMAC-SHA256';

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly region: string;
}

/** A file that a form may upload. */
export interface FormFile {
  readonly bucketName: string;
  readonly key: string;
  readonly size: number;
}

/** Address of a bucket, to which a form is posted. */
export function bucketUrlOf(bucketName: string, region: string): string {
  return `https://${bucketName}.s3.${region}.amazonaws.com/`;
}

/**
 * Creates the fields of a form that uploads one file, of exactly one key and size (S3 API reference, "Authenticating
 * requests in browser-based uploads using POST"). The form has the permissions of the signer, and ends with its
 * credentials.
 */
export function createForm(
  { bucketName, key, size }: FormFile,
  signer: Signer,
  { now, expiresAt }: { readonly now: Date; readonly expiresAt: Date },
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = [time.slice(0, 8), signer.region, 's3', 'aws4_request'];
  const fields = {
    key,
    'x-amz-algorithm': ALGORITHM,
    'x-amz-credential': [signer.accessKeyId, ...scope].join('/'),
    'x-amz-date': time,
    ...(signer.sessionToken !== undefined && { 'x-amz-security-token': signer.sessionToken }),
  };
  const conditions = [
    { bucket: bucketName },
    ...Object.entries(fields).map(([name, value]) => ({ [name]: value })),
    ['content-length-range', size, size],
  ];
  const policy = Buffer.from(JSON.stringify({ expiration: expiresAt.toISOString(), conditions })).toString(
    'base64',
  );
  return { ...fields, policy, 'x-amz-signature': signPolicy(policy, signer.secretAccessKey, scope) };
}

/** Signs a policy in Base64 with a key that is derived from the parts of the scope. */
export function signPolicy(policy: string, secretAccessKey: string, scope: readonly string[]): string {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, policy).toString('hex');
}
