import type { RejectCode } from './reject-codes.ts';

/* Answers of the HTTP API about transactions and their sums. */

/** Columns of a transaction. */
export interface TransactionValues {
  readonly store: string;
  readonly day: string;
  readonly category: 'SELL' | 'BUY';
  /** First 200 characters of the description. */
  readonly product: string;
  readonly quantity: string;
  readonly amountExclTax: string;
  readonly amountIncTax: string;
}

/** Place in a file. */
export interface Origin {
  readonly uploadId: string;
  /** Folder and name of the file. */
  readonly key: string;
  readonly line: number;
}

/** `GET /products`: names by the alphabet, at most 50. */
export interface ProductsAnswer {
  /** The first 200 characters of descriptions. */
  readonly products: readonly string[];
  /** True if there are more. */
  readonly hasMore: boolean;
}

/** `GET /numbers/balance`: days with transactions of a product, the oldest first. */
export interface BalanceAnswer {
  readonly days: readonly {
    readonly day: string;
    readonly sold: string;
    readonly bought: string;
    /** `sold` − `bought`. */
    readonly balance: string;
    /** Balance of all days up to and including this one, also of those before `since`. */
    readonly cumulated: string;
  }[];
}

/** Days of an answer, both included: those of the request, or those that took their place. */
export interface Range {
  readonly since: string;
  readonly until: string;
}

/** `GET /numbers/top-products`: by the amount sold, the highest first. */
export interface TopProductsAnswer extends Range {
  readonly products: readonly {
    readonly product: string;
    readonly transactions: number;
    readonly quantitySold: string;
    readonly sold: string;
    readonly bought: string;
    readonly balance: string;
  }[];
}

/** `GET /numbers/sold`: by day and store. */
export interface SoldAnswer extends Range {
  readonly days: readonly {
    readonly day: string;
    readonly store: string;
    readonly transactions: number;
    readonly sold: string;
    readonly bought: string;
  }[];
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: string;
}

/** `GET /numbers/rejects`: rows that were rejected, by reason, the most frequent first. */
export interface RejectNumbersAnswer extends Range {
  readonly reasons: readonly {
    readonly code: RejectCode;
    readonly rows: number;
    readonly open: number;
    readonly uploads: number;
  }[];
}

/** A transaction with the place in its file. */
export interface TransactionEntry extends TransactionValues {
  readonly id: string;
  readonly origin: Origin | null;
}

/** `GET /transactions`, by day and id. */
export interface TransactionsAnswer {
  readonly transactions: readonly TransactionEntry[];
  /** Value of `after` for the next page; absent on the last. */
  readonly next?: string;
}
