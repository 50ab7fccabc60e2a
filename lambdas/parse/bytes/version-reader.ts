import { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Checkpoint } from '../../core/parse.ts';
import type { Failure } from '../../core/reject-codes.ts';
import type { Upload } from '../../core/row-batch.ts';

/** Point at which a later reading of the same object begins. */
export type Position = Pick<Checkpoint, 'compression'> & {
  readonly source: Pick<Checkpoint['source'], 'byte'>;
};

/** Breaks of a connection, which lasts for up to 12 minutes, after which the invocation fails and is repeated. */
const MAX_BREAKS = 5;

/** Errors of GetObject that concern this object only: an archive, a foreign key (S3 API reference, "Error responses"). */
const UNREADABLE = /^(AccessDenied|InvalidObjectState|InvalidRequest|KMS\..+)$/;

/** S3 refuses to return the object. A missing permission causes the same errors, so retrying may help. */
export class UnreadableObjectError extends Error {
  override readonly name = 'UnreadableObjectError';
  readonly failure: Failure;

  constructor(cause: Error) {
    const message =
      `S3 does not return the object (${cause.name}: ${cause.message.replace(/\.$/, '')}). Drop the file again, with the ` +
      'storage class STANDARD and without another encryption key.';
    super(message, { cause });
    this.failure = { code: 'object-unreadable', message };
  }
}

/** Reads the bytes of an object version. The first read can begin in advance. */
export class VersionReader {
  #s3: S3Client;
  #object: Pick<Upload, 'bucket' | 'key' | 'versionId'>;
  #ahead: { readonly start: number; readonly opened: ReturnType<typeof getVersion> } | undefined;

  constructor(s3: S3Client, object: Pick<Upload, 'bucket' | 'key' | 'versionId'>) {
    this.#s3 = s3;
    this.#object = object;
  }

  get key(): string {
    return this.#object.key;
  }

  /** Begins to read as `openObject` will. */
  begin(checkpoint: Position | undefined): void {
    const start = findStart(checkpoint);
    const opened = getVersion(this.#s3, this.#object, start);
    // `read` reports the error; until then it must not count as unhandled.
    opened.catch(() => undefined);
    this.#ahead = { start, opened };
  }

  /**
   * Reads from a byte. A connection that breaks is opened again where it broke.
   * @param end the last byte @default the last byte of the object
   * @returns undefined if the version was deleted
   */
  async read(start = 0, end?: number) {
    const open = (from: number) => getVersion(this.#s3, this.#object, from, end);
    const ahead = end === undefined && this.#ahead?.start === start ? this.#ahead.opened : undefined;
    if (ahead !== undefined) this.#ahead = undefined;
    const object = await (ahead ?? open(start));
    if (object === undefined) return undefined;
    return { ...object, body: Readable.from(readOn(object.body, start, open), { objectMode: false }) };
  }

  /** Ends a read that began in advance and was not wanted. */
  close(): void {
    void this.#ahead?.opened.then(
      (object) => object?.body.destroy(),
      () => undefined,
    );
  }
}

/** The content of an archive is skipped up to the checkpoint. */
export function findStart(checkpoint: Position | undefined): number {
  return checkpoint?.compression === undefined ? (checkpoint?.source.byte ?? 0) : 0;
}

async function getVersion(
  s3: S3Client,
  { bucket, key, versionId }: Pick<Upload, 'bucket' | 'key' | 'versionId'>,
  start: number,
  end?: number,
) {
  const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end ?? ''}` };
  try {
    const { Body, ContentLength = 0 } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, ...range }),
    );
    return { body: Body as Readable, length: ContentLength };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (['NoSuchKey', 'NoSuchVersion'].includes(error.name)) return undefined;
    throw UNREADABLE.test(error.name) ? new UnreadableObjectError(error) : error;
  }
}

async function* readOn(
  body: Readable,
  position: number,
  reopen: (from: number) => ReturnType<typeof getVersion>,
): AsyncGenerator<Buffer> {
  for (let breaks = 1; ; breaks++) {
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        position += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      const rest = breaks > MAX_BREAKS ? undefined : await reopen(position);
      if (rest === undefined) throw error;
      body = rest.body;
    }
  }
}
