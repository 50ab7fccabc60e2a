import type { FailureCode } from '../lambdas/core/reject-codes.ts';

/** Advice for a person in a shop. The messages of all other failures say what to do with this very file. */
const ADVICE: Partial<Readonly<Record<FailureCode, string>>> = {
  'key-invalid': 'Rename the file: letters, digits, ".", "_" and "-". Then send it again.',
  'store-unknown': 'Ask your operator to add the store, or send the file for another store.',
  'file-empty': 'Export the file again, and look into it before you send it.',
  'date-unknown':
    'Or drop it on "Send files", outside an archive: the page asks for its day, and you need not rename it.',
  // In place of what the message tells an operator.
  'column-missing':
    'Give each column its title in the first line, and add what is missing. If the till cannot do that, your operator can describe its titles. Then send the file again.',
  'message-discarded':
    'Ask your operator why a part of the file was discarded. Send the file again after that.',
  'call-discarded': 'Ask your operator why the calls were discarded. Send them again after that.',
};
const FOR_OPERATORS = / Rename its columns, or describe them in a profile of the store\.$/;
const MISSING = 'The ledger has no reason. Correct the file and send it again, or ask your operator.';

/** Says why a file was refused, and what to do. */
export function describeFailure(code?: string | null, message?: string | null): string {
  if (!message) return MISSING;
  const advice = Object.hasOwn(ADVICE, code ?? '') ? ADVICE[code as FailureCode] : undefined;
  return advice === undefined
    ? message
    : `${message.replace(FOR_OPERATORS, '').replace(/\.?$/, '.')} ${advice}`;
}
