/** Where uploads and rejected rows lie in the bucket: `incoming/store=<store>/<file name>`, `rejected/store=<store>/…`. */
export const INCOMING_PREFIX = 'incoming/';
export const REJECTED_PREFIX = 'rejected/';
export const DEFAULT_STORE = 'main';

/** What a store may be called: it is part of object keys, resource policies and table partitions. */
export const STORE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What a file may be called whose name says the day: as text or packed. */
export const DAY_IN_FILE_NAME = /^retail_(\d{2})_(\d{2})_(\d{4}).*\.(?:csv|tsv|txt|gz|zip)$/i;
const ENDING = /(?:\.(?:csv|tsv|txt))?(?:\.(?:gz|zip))?$/i;

/** A file's name without what says of which kind it is. */
export function withoutEnding(fileName: string): string {
  return fileName.replace(ENDING, '');
}

export interface UploadKey {
  readonly storeId: string;
  readonly fileName: string;
}

export function buildUploadKey({ storeId, fileName }: UploadKey): string {
  return `${INCOMING_PREFIX}store=${storeId}/${fileName}`;
}

/**
 * Reads store and file name from an object key. A key with no `store=` folder belongs to the default store.
 * @returns undefined where the key is not under `incoming/` or names a store that is not allowed.
 */
export function parseUploadKey(key: string): UploadKey | undefined {
  if (!key.startsWith(INCOMING_PREFIX)) return undefined;
  const folders = key.slice(INCOMING_PREFIX.length).split('/');
  const fileName = folders.pop() ?? '';
  const store = folders.find((folder) => folder.startsWith('store='));
  const storeId = store === undefined ? DEFAULT_STORE : store.slice('store='.length);
  return STORE_PATTERN.test(storeId) ? { storeId, fileName } : undefined;
}

/**
 * Where the rejected rows of an upload lie: under a name that keeps the date which the upload's name says.
 * @param firstBatch of the part of the upload that was parsed in one go; each part has a file of its own
 */
export function rejectedFileKey(
  upload: { key: string; storeId: string; uploadId: string },
  firstBatch: number,
): string {
  const fileName = upload.key.split('/').at(-1) || 'upload.csv';
  // An object key has at most 1,024 bytes; the day stands at the beginning of the name.
  const stem = withoutEnding(fileName).slice(0, 200).toWellFormed();
  const part = firstBatch === 1 ? '' : `-${firstBatch}`;
  return `${REJECTED_PREFIX}store=${upload.storeId}/${stem}.rejected-${upload.uploadId.slice(0, 8)}${part}.csv`;
}
