import { basename } from 'node:path';
import { DAY_IN_FILE_NAME, removeEnding } from '../lambdas/core/upload-key.ts';

const DATE_COLUMN = /(^|[,;\t|])\s*["']?transaction_date["']?\s*([,;\t|]|$)/i;

/** A name for the corrected rows of an object: it keeps the day that the object's name says. */
export function correctedFileName(key: string): string {
  const stem = removeEnding(basename(key));
  const [again, time = '1'] = /_corrected(?:_(\d+))?$/.exec(stem) ?? [];
  return again === undefined
    ? `${stem}_corrected.csv`
    : `${stem.slice(0, -again.length)}_corrected_${Number(time) + 1}.csv`;
}

/** Whether a file of this name and header says the day of its transactions. */
export function namesItsDay(fileName: string, header: string): boolean {
  return DAY_IN_FILE_NAME.test(fileName) || DATE_COLUMN.test(header);
}
