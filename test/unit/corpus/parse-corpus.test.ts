import { expect, test } from 'vitest';
import type { RowBatch } from '../../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../../lambdas/core/rules.ts';
import { type ExpectedRow, makeCorpus } from '../../corpus/make/corpus.ts';
import { parseAll } from '../../support/parse-all.ts';
import { uploadOf } from '../../support/upload-fixture.ts';

const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 1_048_576 };

// The parser core reads what is in an archive.
const plainFiles = makeCorpus().filter(({ expected }) => expected.format.compression === undefined);

test.each(plainFiles)('$path is parsed in memory to its expected outcome', async ({ bytes, expected }) => {
  const { rows, rejected, duplicates, conflicts, format, failure } = expected;
  const upload = uploadOf(`incoming/store=main/${expected.key}`);
  const { batches, rejects } = await parseAll(upload, [bytes], SETTINGS);
  const { closing } = batches.at(-1)!;
  expect({
    failure: closing!.failure?.code,
    rejected: rejects.map(({ line, column, code }) => ({ line, column, code })),
  }).toEqual({ failure, rejected });
  const parsed = batches.flatMap(readRows);
  // Only the database knows which rows are duplicates or conflicts.
  expect(parsed).toHaveLength(rows.length + duplicates + conflicts);
  expect(parsed).toEqual(expect.arrayContaining(rows.map(inCents)));
  expect(closing!.rowsRead).toBe(parsed.length + rejected.length);
  if (failure === undefined) expect(closing!.format).toEqual(format);
});

/** Reads the rows of a batch back from its arrays. */
function readRows({ rows, date }: RowBatch) {
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
function inCents({ amountExclTax, amountIncTax, ...row }: ExpectedRow) {
  const cents = (amount: string) => Math.round(Number(amount) * 100);
  return { ...row, amountExclTax: cents(amountExclTax), amountIncTax: cents(amountIncTax) };
}

/** Reads the text of a PostgreSQL array of one dimension. */
function readArray(text: string): string[] {
  const elements = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs);
  return [...elements].map(([, quoted, plain]) => plain ?? quoted!.replace(/\\(.)/gs, '$1'));
}
