import type { CallResult, RefusedItem } from '../core/api-answers.ts';
import type { Ledger } from './ledger.ts';

/** A result as `ledger.find_receipt` returns it. */
type StoredCall = Omit<CallResult, 'rejects' | 'failure'> & {
  readonly rejects?: readonly (Omit<RefusedItem, 'field'> & { readonly column: string })[];
  readonly failureCode?: string;
  readonly failureMessage?: string;
};

/** Finds the result of a call. @returns undefined if the ledger does not have the call yet */
export async function findReceipt(
  storeId: string,
  receipt: string,
  ledger: Ledger,
): Promise<CallResult | undefined> {
  const [found] = await ledger.read<StoredCall | null>(
    'SELECT CAST(ledger.find_receipt(CAST(:receipt AS uuid), CAST(:store AS text)) AS text)',
    { receipt, store: storeId },
  );
  if (!found) return undefined;
  const { rejects, failureCode: code, failureMessage: message = '', ...result } = found;
  return {
    ...result,
    ...(rejects && { rejects: rejects.map(({ column: field, ...reject }) => ({ field, ...reject })) }),
    ...(code !== undefined && { failure: { code, message } }),
  };
}
