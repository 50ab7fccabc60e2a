import type { RowBatch } from '../../lambdas/core/row-batch.ts';
import type { ExpectedRow } from '../corpus/make/corpus.ts';

/** Reads the rows of a batch back from its arrays. */
export function readRows({ rows, date }: RowBatch) {
  const lines = readArray(rows.lines);
  const columns = [rows.ids, rows.categories, rows.names, rows.quantities].map(readArray);
  const [ids, categories, names, quantities] = columns as [string[], string[], string[], string[]];
  const amountsExclTax = readArray(rows.amountsExclTax);
  const amountsIncTax = readArray(rows.amountsIncTax);
  const dates = rows.dates === undefined ? undefined : readArray(rows.dates);
  return lines.map((line, index) =>
    inCents({
      line: Number(line),
      // PostgreSQL stores a UUID without case.
      id: ids[index]!.toLowerCase(),
      date: dates?.[index] ?? date!,
      category: categories[index]!,
      name: names[index]!,
      quantity: Number(quantities[index]),
      amountExclTax: amountsExclTax[index]!,
      amountIncTax: amountsIncTax[index]!,
    }),
  );
}

/** Makes `10` and `10.00` the same amount. */
export function inCents({ amountExclTax, amountIncTax, ...row }: ExpectedRow) {
  const cents = (amount: string) => Math.round(Number(amount) * 100);
  return { ...row, amountExclTax: cents(amountExclTax), amountIncTax: cents(amountIncTax) };
}

/** Reads the text of a PostgreSQL array of one dimension. */
function readArray(text: string): string[] {
  const elements = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs);
  return [...elements].map(([, quoted, plain]) => plain ?? quoted!.replace(/\\(.)/gs, '$1'));
}
