import { appendFile, writeFile } from 'node:fs/promises';
import Papa from 'papaparse';
import { COLUMNS, type Field, NEUTRALIZED_COLUMN } from '../../lambdas/core/columns.ts';
import { neutralizeFormula } from '../../lambdas/core/formulas.ts';
import type { ExportedRow } from './read-transactions.ts';

/**
 * Writes rows to a CSV file that can be loaded again.
 * @param hasStore adds a column with the store, which a file that is loaded cannot have
 * @param hasFormulas adds the column by which the parser removes the apostrophes before values like formulas
 */
export async function writeCsv(
  path: string,
  pages: AsyncIterable<readonly ExportedRow[]>,
  { hasStore, hasFormulas }: { readonly hasStore: boolean; readonly hasFormulas: boolean },
): Promise<void> {
  const titles = [
    ...(hasStore ? ['store'] : []),
    ...COLUMNS.map((column) => column.titles[0]),
    ...(hasFormulas ? [NEUTRALIZED_COLUMN] : []),
  ];
  const fields: readonly Field[] = COLUMNS.map(({ field }) => field);
  await writeFile(path, `${titles.join(',')}\n`);
  for await (const page of pages) {
    const lines = page.map((row) => [
      ...(hasStore ? [row.storeId] : []),
      ...fields.map((field) => neutralizeFormula(row[field])),
      ...(hasFormulas ? [''] : []),
    ]);
    await appendFile(path, `${Papa.unparse(lines, { newline: '\n' })}\n`);
  }
}
