import type { FailureCode } from '../lambdas/core/reject-codes.ts';

/** Advice for a person in a shop whose file was refused as a whole. */
const ADVICE: Readonly<Record<FailureCode, string>> = {
  'key-invalid': 'Rename the file: letters, digits, ".", "_" and "-". Then send it again.',
  'store-unknown': 'Ask your operator to add the store, or send the file for another store.',
  'file-empty': 'Export the file again, and look into it before you send it.',
  'not-csv': 'Export the file as CSV or as an Excel workbook, and send that.',
  'not-utf8': 'Save the file as UTF-8, and send it again.',
  'column-missing':
    'Give each column its title in the first line, and add what is missing. If the till cannot do that, your operator can describe its titles. Then send the file again.',
  'column-duplicated': 'Remove one of the two columns, and send the file again.',
  'column-unknown': 'Remove the column, or ask your operator to allow it.',
  'date-unknown':
    'Add the day to the file name, such as retail_15_03_2025.csv, or add a column transaction_date. Then send the file again.',
  'date-implausible': 'Correct the day in the file name, and send the file again.',
  'archive-unusable': 'Take the files out of the archive, and send them one by one.',
  'workbook-unusable': 'Save the workbook as .xlsx without a password and with one sheet, and send it again.',
  'archive-damaged': 'Make the archive again, or send the file without it.',
  'file-too-large': 'Divide the file into smaller ones, and send each of them.',
  'too-many-rejected-rows':
    'Most rows have a problem, so the export itself is probably wrong. Correct its format, and send the file again.',
  'decision-invalid': 'Ask your operator: the file is not one that a store sends.',
  'period-closed': 'Ask your operator: the days of the file are closed.',
  'object-deleted': 'Send the file again.',
  'object-unreadable': 'Send the file again. If that does not help, ask your operator.',
  'message-discarded':
    'Ask your operator why a part of the file was discarded. Send the file again after that.',
  'call-discarded': 'Ask your operator why the calls were discarded. Send them again after that.',
};

/** Says what to do after a failure. */
export function adviseFailure(code: string): string {
  return Object.hasOwn(ADVICE, code)
    ? ADVICE[code as FailureCode]
    : 'Correct the file and send it again, or ask your operator.';
}
