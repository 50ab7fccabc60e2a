import type { FormatSummary } from '../../../lambdas/core/row-batch.ts';
import type { CorpusFile, Expected } from './corpus.ts';

export const CONTRACT = new URL('../../../docs/data-contract.md', import.meta.url);

/** Matches the table in the data contract. */
export const TABLE = /(<!-- corpus: npm run corpus -->\n)([\s\S]*?)(\n<!-- end of corpus -->)/;

/** The table of the data contract: each situation with its file and its outcome. */
export function corpusTable(corpus: readonly CorpusFile[]): string {
  const lines = corpus.map(
    ({ path, expected }) => `| ${expected.situation} | \`${path}\` | ${outcomeOf(expected)} |`,
  );
  return ['| situation | file | outcome |', '|---|---|---|', ...lines].join('\n');
}

function outcomeOf({ failure, rows, duplicates, conflicts, rejected, format }: Expected): string {
  if (failure !== undefined) return `refused: \`${failure}\``;
  if (format.files !== undefined)
    return format.files === 1 ? '1 file, a separate upload' : `${format.files} files, each a separate upload`;
  const { headers = 0, totals = 0 } = format.skippedLines ?? {};
  const codes = [...new Set(rejected.map(({ code }) => `\`${code}\``))].join(', ');
  return [
    counted(rows.length, 'row'),
    duplicates > 0 ? counted(duplicates, 'duplicate') : '',
    conflicts > 0 ? counted(conflicts, 'conflict') : '',
    rejected.length > 0 ? `${rejected.length} rejected: ${codes}` : '',
    headers > 0 ? `${counted(headers, 'header')} skipped` : '',
    totals > 0 ? `${counted(totals, 'total')} skipped${describeTotals(format.totals)}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function describeTotals(totals: FormatSummary['totals']): string {
  if (totals === undefined) return '';
  return totals === 'agree' ? ', agrees' : `, differs in \`${totals.column}\``;
}
