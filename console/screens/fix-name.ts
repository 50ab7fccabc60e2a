import {
  addDateToName,
  correctedFileName,
  MAX_NAME_CHARACTERS,
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
  // A profile finds its date in the second form, too.
  const names = [corrected, `${stem}.rejected-00000000.csv`];
  const isRight = (name: string) =>
    name.length <= MAX_NAME_CHARACTERS && readDateFromName(name, fileDay) === date;
  const name = names.find(isRight);
  // The archive had the date.
  return name ?? (date && addDateToName(corrected, date, fileDay)) ?? corrected;
}
