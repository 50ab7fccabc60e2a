import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { CheckFinding, CheckFindingKind, CheckResult, ChecksAnswer } from '../core/api-checks.ts';
import { CHECKS_PREFIX, parseUploadKey } from '../core/upload-key.ts';

export type CheckName = keyof ChecksAnswer;
export type CountsOf<Name extends CheckName> = NonNullable<ChecksAnswer[Name]['last']>['counts'];
export type CheckResults = { readonly [Name in CheckName]?: CheckResult<CountsOf<Name>> };

/** Changes with the form of the objects: results of another form are those of an earlier release. */
const VERSION = 1;
const MAX_FINDINGS = 100;
const MAX_TEXT = 500;

interface StoredResult<Name extends CheckName> extends CheckResult<CountsOf<Name>> {
  readonly version: typeof VERSION;
}

/** Key of the object with the last result of a check. */
export function buildCheckKey(name: CheckName): string {
  return `${CHECKS_PREFIX}${name}.json`;
}

/** Makes a finding about a file or an upload. Empty facts are unknown. */
export function toFinding(
  kind: CheckFindingKind,
  {
    uploadId = '',
    key = '',
    text,
  }: { readonly uploadId?: string; readonly key?: string; readonly text: string },
): CheckFinding {
  const file = parseUploadKey(key);
  return {
    kind,
    text: text.slice(0, MAX_TEXT).toWellFormed(),
    ...(uploadId !== '' && { uploadId }),
    ...(file && { store: file.storeId, fileName: file.fileName }),
  };
}

/**
 * Keeps the result of a run that ended in the bucket, in place of the last one: it can be read while the database is
 * paused. A run that fails keeps the last one, whose age tells.
 */
export async function writeCheckResult<Name extends CheckName>(
  { s3, bucketName }: { readonly s3: S3Client; readonly bucketName: string },
  name: Name,
  counts: CountsOf<Name>,
  findings: readonly CheckFinding[],
): Promise<void> {
  const result: StoredResult<Name> = {
    version: VERSION,
    finishedAt: new Date().toISOString(),
    counts,
    findings: findings.slice(0, MAX_FINDINGS),
    moreFindings: Math.max(0, findings.length - MAX_FINDINGS),
  };
  await s3.send(
    new PutObjectCommand({
      Bucket: bucketName,
      Key: buildCheckKey(name),
      Body: JSON.stringify(result),
      ContentType: 'application/json',
    }),
  );
}

/**
 * Reads the last result of each check. Without the permission to list, S3 would not tell an object that does not exist
 * from one that may not be read (S3 API reference, "GetObject").
 */
export async function readCheckResults(s3: S3Client, Bucket: string): Promise<CheckResults> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: CHECKS_PREFIX }));
  const keys = new Set(Contents.map(({ Key }) => Key));
  const read = async <Name extends CheckName>(name: Name) => {
    const Key = buildCheckKey(name);
    if (!keys.has(Key)) return {};
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const { version, ...result } = JSON.parse(await Body!.transformToString()) as StoredResult<Name>;
    return version === VERSION ? { [name]: result } : {};
  };
  const [sweep, verify] = await Promise.all([read('sweep'), read('verify')]);
  return { ...sweep, ...verify };
}
