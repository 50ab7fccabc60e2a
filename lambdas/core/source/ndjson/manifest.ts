import type { CallReceipt } from '../../row-batch.ts';
import { isRowId } from '../../rows/row-id.ts';

/** Line of the first item in a file with a manifest. */
export const FIRST_ITEM_LINE = 2;
const MAX_ITEMS = 2_147_483_647;

/**
 * Reads the first line of a file of collected calls, `{"calls":[{"receipt":"<uuid>","items":3},…]}`. The items of the
 * calls are the lines below, in the same order.
 * @returns undefined if the line is not a manifest
 */
export function readManifest(line: string): CallReceipt[] | undefined {
  const calls = readOnlyMember(line, 'calls');
  if (!Array.isArray(calls) || calls.length === 0) return undefined;
  let firstLine = FIRST_ITEM_LINE;
  const receipts: CallReceipt[] = [];
  for (const call of calls as unknown[]) {
    if (!isCall(call)) return undefined;
    const { receipt, items } = call;
    receipts.push({ receipt, firstLine, items });
    firstLine += items;
    if (firstLine > MAX_ITEMS) return undefined;
  }
  return receipts;
}

function readOnlyMember(line: string, name: string): unknown {
  try {
    const value = JSON.parse(line) as unknown;
    const isOnly = typeof value === 'object' && value !== null && Object.keys(value).join() === name;
    return isOnly ? Object.values(value)[0] : undefined;
  } catch {
    return undefined;
  }
}

function isCall(call: unknown): call is { receipt: string; items: number } {
  if (typeof call !== 'object' || call === null) return false;
  const { receipt, items } = call as Record<string, unknown>;
  return (
    typeof receipt === 'string' && isRowId(receipt) && Number.isSafeInteger(items) && (items as number) >= 0
  );
}
