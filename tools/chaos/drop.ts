import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Clients } from './clients.ts';
import type { MadeUpFile } from './made-up-file.ts';

/** An object version that was dropped. */
export interface Drop {
  readonly key: string;
  readonly versionId: string;
  readonly file: MadeUpFile;
  /** Whether it was deleted right afterwards: it may have been loaded before, or not. */
  readonly isDeleted: boolean;
}

export async function dropFile(
  { s3, outputs }: Clients,
  Key: string,
  file: MadeUpFile,
  isDeleted = false,
): Promise<Drop> {
  const Bucket = outputs.bucketName;
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: file.content }));
  if (isDeleted) await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
  return { key: Key, versionId: VersionId, file, isDeleted };
}
