import type { ParsedBatch } from '../parse.ts';
import type { Failure } from '../reject-codes.ts';

/**
 * Compares the rejected rows of a file with the limit.
 * @param parsed the last batch so far
 * @returns the reason to refuse the file, or undefined
 */
export function objectToRejects(parsed: ParsedBatch, maxRejectedRows: number): Failure | undefined {
  const { rowsRead, rowsRejected } = parsed.next ?? parsed.totals;
  if (rowsRejected <= maxRejectedRows) return undefined;
  const [read, rejected, limit] = [rowsRead, rowsRejected, maxRejectedRows].map(formatNumber);
  const [example] = parsed.batch.rejects;
  const message =
    `Of the first ${read} rows, ${rejected} break a rule. The setting retail:maxRejectedRows allows ${limit}. ` +
    `${example === undefined ? '' : `For example, line ${example.line}: ${example.message} `}` +
    'Correct the file and upload it again, or raise the setting.';
  return { code: 'too-many-rejected-rows', message };
}

function formatNumber(number: number): string {
  return number.toLocaleString('en-US');
}
