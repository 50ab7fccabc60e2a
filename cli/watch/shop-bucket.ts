import { createReadStream } from 'node:fs';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FileReceipt } from '../../lambdas/core/file-receipt.ts';
import { buildReceiptKey, buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { computeFileId } from '../../lambdas/shared/upload-id.ts';

/** Status of S3 when a conditional write finds an object (S3 user guide, "Add preconditions to S3 operations"). */
const PRECONDITION_FAILED = 412;
/** Characters of the hash of a file in its key. */
const DIGEST_LENGTH = 16;

/** A file of the shop, whose content is known. */
export interface ShopFile {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  /** SHA-256 of the content. */
  readonly digest: Buffer;
}

/** The bucket as the uploader of one store sees it: files go in, and receipts come out. */
export class ShopBucket {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #storeId: string;

  constructor(s3: S3Client, bucket: string, storeId: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#storeId = storeId;
  }

  close(): void {
    this.#s3.destroy();
  }

  /**
   * Uploads a file. Its key has a hash of the content: the same file has the same key, and another file with the same name
   * another one.
   * @param isRepeated uploads a file again that the bucket has
   * @returns the version; undefined if the bucket has the file
   * @throws an error of S3, for example if the file changes while it is read
   */
  async put(file: ShopFile, isRepeated: boolean, abortSignal: AbortSignal): Promise<string | undefined> {
    const Body = createReadStream(file.path);
    const request = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: this.#keyOf(file),
      Body,
      ContentLength: file.size,
      ChecksumSHA256: file.digest.toString('base64'),
      ...(!isRepeated && { IfNoneMatch: '*' }),
    });
    try {
      return (await this.#s3.send(request, { abortSignal })).VersionId;
    } catch (error) {
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      if (isRepeated || $metadata?.httpStatusCode !== PRECONDITION_FAILED) throw error;
      return undefined;
    } finally {
      Body.destroy();
    }
  }

  /**
   * Finds the newest receipt of a file.
   * @param versionId of the file; undefined for any version of it
   */
  async findReceipt(
    file: ShopFile,
    versionId: string | undefined,
    abortSignal: AbortSignal,
  ): Promise<FileReceipt | undefined> {
    const key = this.#keyOf(file);
    const version = versionId && { bucket: this.#bucket, key, versionId };
    for (const Key of await this.#listReceipts(
      file.name,
      version ? computeFileId(version) : '',
      abortSignal,
    )) {
      const request = new GetObjectCommand({ Bucket: this.#bucket, Key });
      const { Body } = await this.#s3.send(request, { abortSignal });
      const receipt = JSON.parse(await Body!.transformToString()) as FileReceipt;
      if (receipt.key === key && (receipt.versionId === versionId || versionId === undefined)) return receipt;
    }
    return undefined;
  }

  /** @returns the keys, the newest first */
  async #listReceipts(fileName: string, fileId: string, abortSignal: AbortSignal): Promise<string[]> {
    const first = buildReceiptKey({ storeId: this.#storeId, fileName, fileId }, 1, 'json');
    const Prefix = first.replace(/\.json$/, '');
    const found: { key: string; time: number }[] = [];
    let ContinuationToken: string | undefined;
    do {
      const request = new ListObjectsV2Command({ Bucket: this.#bucket, Prefix, ContinuationToken });
      const page = await this.#s3.send(request, { abortSignal });
      for (const { Key = '', LastModified } of page.Contents ?? []) {
        if (Key.endsWith('.json')) found.push({ key: Key, time: LastModified!.getTime() });
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found.sort((a, b) => b.time - a.time || b.key.length - a.key.length).map(({ key }) => key);
  }

  #keyOf({ name, digest }: ShopFile): string {
    const folder = digest.toString('hex').slice(0, DIGEST_LENGTH);
    return buildUploadKey({ storeId: this.#storeId, fileName: `${folder}/${name}` });
  }
}
