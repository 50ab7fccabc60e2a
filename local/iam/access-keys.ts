import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type DataDirectory, replaceFile } from '../data-directory.ts';

const MAX_SIGNING_KEYS = 100;

/** Day, region and service for which a request is signed. */
export interface CredentialScope {
  /** In the form YYYYMMDD. */
  readonly day: string;
  readonly region: string;
  readonly serviceName: string;
}

/** The secret access keys of all callers, derived from one random secret, so that a restart keeps them. */
export class AccessKeys {
  #secret: string;
  #signingKeys = new Map<string, Buffer>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** Reads the secret of a data directory, and creates it at the first start. */
  static open(directory: DataDirectory): AccessKeys {
    const file = directory.file('access-secret.json');
    if (!existsSync(file)) replaceFile(file, { secret: randomBytes(32).toString('base64url') });
    return new AccessKeys((JSON.parse(readFileSync(file, 'utf8')) as { secret: string }).secret);
  }

  secretOf(accessKeyId: string): string {
    return hmac(this.#secret, accessKeyId).toString('base64url');
  }

  /** Signs the sessions of browsers. It is not the secret of any access key. */
  get sessionSecret(): string {
    return hmac(hmac(this.#secret, 'sessions'), 'of browsers').toString('base64url');
  }

  signingKey(accessKeyId: string, { day, region, serviceName }: CredentialScope): Buffer {
    const name = [accessKeyId, day, region, serviceName].join('/');
    const known = this.#signingKeys.get(name);
    if (known !== undefined) return known;
    const key = deriveSigningKey(this.secretOf(accessKeyId), { day, region, serviceName });
    // Callers choose the names: the keys of failed attempts must not fill the memory.
    if (this.#signingKeys.size >= MAX_SIGNING_KEYS) this.#signingKeys.clear();
    this.#signingKeys.set(name, key);
    return key;
  }
}

/** Derives the key of a day, region and service (IAM user guide, "Create a signed AWS API request", step 3). */
export function deriveSigningKey(secret: string, { day, region, serviceName }: CredentialScope): Buffer {
  return [region, serviceName, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day));
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
