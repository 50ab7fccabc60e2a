import type { Failure } from './reject-codes.ts';
import { toIsoDate } from './rows/dates.ts';

/**
 * Prefixes of object keys: `incoming/store=<store>/<file name>`, `rejected/store=<store>/…`, `readings/<hash>/…`,
 * `receipts/store=<store>/…`, `checks/<check>.json`.
 */
export const INCOMING_PREFIX = 'incoming/';
export const REJECTED_PREFIX = 'rejected/';
export const READINGS_PREFIX = 'readings/';
export const RECEIPTS_PREFIX = 'receipts/';
export const CHECKS_PREFIX = 'checks/';
export const DEFAULT_STORE = 'main';

/** Pattern of store names, which are part of object keys, resource policies and table partitions. */
export const STORE_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Maximum length of the name of a file that the API takes. */
export const MAX_NAME_CHARACTERS = 200;

/** Endings of the names of files, before `.gz` or `.zip` of an archive. */
export const FILE_ENDINGS = ['csv', 'tsv', 'txt', 'ndjson', 'jsonl', 'xlsx', 'xlsm', 'ods'] as const;

const UPLOAD_NAME = new RegExp(`\\.(?:${FILE_ENDINGS.join('|')}|gz|zip)$`, 'i');
/** The day in a file name: `retail_DD_MM_YYYY`, or with the year first. */
const DAY_IN_NAME =
  /(?<![a-z0-9])retail_(?:(?<day>\d{2})_(?<month>\d{2})_(?<year>\d{4})|(?<first>\d{4})([_-]?)(?<second>\d{2})\5(?<third>\d{2}))(?!\d)/gi;
/** Part of the name of a file of rejected rows, which {@link buildRejectedKey} adds. */
const REJECTED_PART = /\.rejected-[0-9a-f]{8}(?:-\d+)?(?=\.csv)/;
const ENDING = new RegExp(`(?:\\.(?:${FILE_ENDINGS.join('|')}))?(?:\\.(?:gz|zip))?$`, 'i');
/** Maximum length of the part of an upload's name that the key of its rejected rows repeats. S3 limits keys to 1,024 bytes. */
const MAX_STEM_CHARACTERS = 200;

export function removeEnding(fileName: string): string {
  return fileName.replace(ENDING, '');
}

/**
 * Reads the transaction date in a file name, such as `retail_DD_MM_YYYY*.csv`.
 * @param pattern of the store's profile, with the groups `day`, `month` and `year`, which takes precedence
 * @returns `YYYY-MM-DD`, or undefined if the name has no date or several, or the day does not exist
 */
export function readDateFromName(fileName: string, pattern?: string): string | undefined {
  const own = pattern && new RegExp(pattern, 'i').exec(fileName.replace(REJECTED_PART, ''))?.groups;
  if (own) return toIsoDate(own.year!.length === 2 ? `20${own.year}` : own.year!, own.month!, own.day!);
  if (!UPLOAD_NAME.test(fileName)) return undefined;
  const days = Array.from(fileName.matchAll(DAY_IN_NAME), ({ groups }) => {
    const { year, month, day, first, second, third } = groups!;
    return toIsoDate((year ?? first)!, (month ?? second)!, (day ?? third)!);
  });
  return new Set(days).size === 1 ? days[0] : undefined;
}

/**
 * Names a file so that the parser reads this transaction date: the date stands before its own name, which loses days that
 * do not count, and is shortened if it is too long.
 * @param date `YYYY-MM-DD`
 * @param pattern of the store's profile
 * @param taken names of other files: a number makes this one different
 * @returns undefined if no such name has the date
 */
export function addDateToName(
  fileName: string,
  date: string,
  pattern?: string,
  taken: readonly string[] = [],
): string | undefined {
  const [year, month, day] = date.split('-');
  const stem = removeEnding(fileName);
  const ending = fileName.slice(stem.length);
  const own = stem.replace(DAY_IN_NAME, '').replace(/^[ ._-]+|[ ._-]+$/g, '');
  for (let number = 1; ; number++) {
    const end = (number === 1 ? '' : `_${number}`) + ending;
    const names = [`retail_${day}_${month}_${year}`, `retail_${year}-${month}-${day}`].map((begin) => {
      const kept = (own && `_${own}`).slice(0, MAX_NAME_CHARACTERS - begin.length - end.length);
      return begin + kept.toWellFormed() + end;
    });
    const name = names.find((each) => readDateFromName(each, pattern) === date);
    if (name === undefined || !taken.includes(name)) return name;
  }
}

/**
 * Names a file for the corrected rows of an object: it keeps the date of the object's name, and has only letters,
 * digits, ".", "_" and "-", with which it is the same word in every shell.
 */
export function correctedFileName(key: string): string {
  const stem = removeEnding(key.split('/').at(-1)!)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[.-]+/, '');
  const [suffix = '', number = '1'] = /_corrected(?:_(\d+))?$/.exec(stem) ?? [];
  const end = suffix === '' ? '_corrected.csv' : `_corrected_${Number(number) + 1}.csv`;
  return stem.slice(0, Math.min(stem.length - suffix.length, MAX_NAME_CHARACTERS - end.length)) + end;
}

/** Folder of a store for the files of archives. */
export const UNPACKED_FOLDER = 'unpacked';
/** Key of a file of an archive; the group is the name of the archive. */
const UNPACKED_KEY = new RegExp(`^${INCOMING_PREFIX}store=[^/]+/${UNPACKED_FOLDER}/([^/]+)-[0-9a-f]{8}/`);

/** Takes the place of NUL, which S3 allows in keys and PostgreSQL does not store. */
const NUL_SYMBOL = '\u2400';

/**
 * Makes a key storable. All readers of keys do so, so that they name an object in one way; the object itself is not found
 * by the new key, and the parser refuses it.
 */
export function toStorableKey(key: string): string {
  return key.replaceAll('\0', NUL_SYMBOL);
}

export function hasNulSymbol(key: string): boolean {
  return key.includes(NUL_SYMBOL);
}

export interface UploadKey {
  readonly storeId: string;
  readonly fileName: string;
  /** Name of the archive that the file was in. */
  readonly archiveName?: string | undefined;
}

export function buildUploadKey({ storeId, fileName }: UploadKey): string {
  return `${INCOMING_PREFIX}store=${storeId}/${fileName}`;
}

/**
 * Reads store and file name from an object key. A key without a `store=` folder belongs to the default store.
 * @returns undefined if the key is not under `incoming/` or names a store that is not allowed
 */
export function parseUploadKey(key: string): UploadKey | undefined {
  if (!key.startsWith(INCOMING_PREFIX)) return undefined;
  const storeId = readStore(key);
  if (!STORE_PATTERN.test(storeId)) return undefined;
  return { storeId, fileName: key.split('/').at(-1)!, archiveName: UNPACKED_KEY.exec(key)?.[1] };
}

/**
 * Builds the beginning of the keys of an archive's files. It has the name of the archive, which may have the date.
 * @param fileId of the archive's object version
 */
export function buildUnpackedPrefix(
  { key, storeId }: { readonly key: string; readonly storeId: string },
  fileId: string,
): string {
  const stem = removeEnding(key.split('/').at(-1)!).slice(0, MAX_STEM_CHARACTERS).toWellFormed();
  const folder = `${UNPACKED_FOLDER}/${stem}.zip-${fileId.slice(0, 8)}/`;
  return buildUploadKey({ storeId, fileName: folder });
}

export function isUnpackedKey(key: string): boolean {
  return UNPACKED_KEY.test(key);
}

/** Finds the reason to refuse an object by its key alone. */
export function findKeyFault(key: string): Failure | undefined {
  if (hasNulSymbol(key)) {
    const message = `The key "${key}" contains a NUL character, or the symbol for it. Drop the file under another name.`;
    return { code: 'key-invalid', message };
  }
  if (parseUploadKey(key) !== undefined) return undefined;
  const message = `The key "${key}" is not incoming/store=<store>/<file name> with a store of letters, digits, ".", "_" and "-".`;
  return { code: 'key-invalid', message };
}

/** Reads the store in an object key, whether or not it is allowed. */
export function readStore(key: string): string {
  const store = key
    .split('/')
    .slice(0, -1)
    .find((folder) => folder.startsWith('store='));
  return store === undefined ? DEFAULT_STORE : store.slice('store='.length);
}

/**
 * Builds the key for the rejected rows of an upload. It keeps the date of the upload's name.
 * @param firstBatch of the part of the upload that one invocation parses; each part has its own file
 */
export function buildRejectedKey(
  upload: { key: string; storeId: string; uploadId: string },
  firstBatch: number,
): string {
  const fileName = upload.key.split('/').at(-1) || 'upload.csv';
  const stem = removeEnding(fileName).slice(0, MAX_STEM_CHARACTERS).toWellFormed();
  const part = firstBatch === 1 ? '' : `-${firstBatch}`;
  return `${REJECTED_PREFIX}store=${upload.storeId}/${stem}.rejected-${upload.uploadId.slice(0, 8)}${part}.csv`;
}

/**
 * Builds the key of a receipt of a file, which its uploader can compute. A store with a name that is not allowed has no
 * separate folder.
 * @param fileId of the object version
 * @param sequence number of the receipt among those of the file, from 1
 */
export function buildReceiptKey(
  file: { readonly storeId: string; readonly fileName: string; readonly fileId: string },
  sequence: number,
  ending: 'json' | 'txt',
): string {
  const folder = STORE_PATTERN.test(file.storeId) ? `store=${file.storeId}` : 'unknown-store';
  const name = file.fileName.slice(0, MAX_STEM_CHARACTERS).toWellFormed();
  const number = sequence === 1 ? '' : `-${sequence}`;
  return `${RECEIPTS_PREFIX}${folder}/${name}-${file.fileId.slice(0, 8)}${number}.${ending}`;
}
