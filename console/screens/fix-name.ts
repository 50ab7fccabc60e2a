import {
  correctedFileName,
  parseUploadKey,
  readDateFromName,
  removeEnding,
} from '../../lambdas/core/upload-key.ts';

/** Returns the transaction date that the name of a file, or of its archive, gives its rows. */
export function readDateOfKey(key: string, fileDay: string | undefined): string | undefined {
  const { fileName = '', archiveName = '' } = parseUploadKey(key) ?? {};
  return readDateFromName(fileName, fileDay) ?? readDateFromName(archiveName, fileDay);
}

/** Names the file with the corrections of an object, so that its name gives the same date. */
export function nameCorrections(key: string, fileDay: string | undefined): string {
  const date = readDateOfKey(key, fileDay);
  const corrected = correctedFileName(key);
  const stem = removeEnding(key.split('/').at(-1)!);
  const [year, month, day] = date?.split('-') ?? [];
  const names = [
    corrected,
    // A profile finds its date in this form, too.
    `${stem}.rejected-00000000.csv`,
    // The archive had the date.
    `retail_${day}_${month}_${year}_${corrected}`,
  ];
  return names.find((name) => readDateFromName(name, fileDay) === date) ?? corrected;
}
