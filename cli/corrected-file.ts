import { basename } from 'node:path';

/** As the parser finds the day in a file's name (docs/data-contract.md). */
const DAY_IN_NAME = /^retail_\d{2}_\d{2}_\d{4}.*\.csv$/i;
const DATE_COLUMN = /(^|,)\s*"?transaction_date"?\s*(,|$)/i;

/** A name for the corrected rows of an object: it keeps the day that the object's name says. */
export function correctedFileName(key: string): string {
  const stem = basename(key).replace(/\.csv$/i, '');
  const [again, time = '1'] = /_corrected(?:_(\d+))?$/.exec(stem) ?? [];
  return again === undefined
    ? `${stem}_corrected.csv`
    : `${stem.slice(0, -again.length)}_corrected_${Number(time) + 1}.csv`;
}

/** Whether a file of this name and header says the day of its transactions. */
export function namesItsDay(fileName: string, header: string): boolean {
  return DAY_IN_NAME.test(fileName) || DATE_COLUMN.test(header);
}
