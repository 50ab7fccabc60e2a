import type { CallReceipt } from '../../row-batch.ts';
import { isRowId } from '../../rows/row-id.ts';

/** Line of the first item in a file with a manifest. */
export const FIRST_ITEM_LINE = 2;
const MAX_ITEMS = 2_147_483_647;

/** Calls of a file, in the order of their items. */
export interface Manifest {
  readonly receipts: CallReceipt[];
  /** Number of items of all calls. */
  readonly items: number;
  /** Present if an operator discarded the calls: the reason. The items are kept, and not loaded. */
  readonly discarded?: string;
}

/**
 * Reads the first line of a file of collected calls, `{"calls":[{"receipt":"<uuid>","items":3},…]}`, with a member
 * `discarded` if an operator discarded them. The items of the calls are the lines below, in the same order.
 * @returns undefined if the line is not a manifest
 */
export function readManifest(line: string): Manifest | undefined {
  const { calls, discarded, ...others } = readObject(line);
  if (!Array.isArray(calls) || calls.length === 0 || Object.keys(others).length > 0) return undefined;
  if (discarded !== undefined && typeof discarded !== 'string') return undefined;
  let firstLine = FIRST_ITEM_LINE;
  const receipts: CallReceipt[] = [];
  for (const call of calls as unknown[]) {
    if (!isCall(call)) return undefined;
    const { receipt, items } = call;
    receipts.push({ receipt, firstLine, items });
    firstLine += items;
    if (firstLine > MAX_ITEMS) return undefined;
  }
  const items = firstLine - FIRST_ITEM_LINE;
  return { receipts, items, ...(discarded !== undefined && { discarded }) };
}

function readObject(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function isCall(call: unknown): call is { receipt: string; items: number } {
  if (typeof call !== 'object' || call === null) return false;
  const { receipt, items } = call as Record<string, unknown>;
  return (
    typeof receipt === 'string' && isRowId(receipt) && Number.isSafeInteger(items) && (items as number) >= 0
  );
}
