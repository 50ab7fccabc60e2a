import type { FormatSummary } from '../../lambdas/core/row-batch.ts';

const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' } as const;
const MOST_TITLES = 10;

/** What was found out about a file, in words: only what is not as in a plain CSV. */
export function describeFormat(format: FormatSummary): string[] {
  const {
    compression,
    encoding,
    delimiter,
    quote,
    lineTerminator,
    headerLine,
    decimalSeparator,
    dateFormat,
    currency,
  } = format;
  return [
    compression,
    encoding === 'UTF-8' ? undefined : encoding,
    delimiter === undefined || delimiter === ',' ? undefined : `values between ${DELIMITERS[delimiter]}`,
    quote === "'" ? 'single quotes' : undefined,
    lineTerminator === 'CR' ? 'lines that end with CR' : undefined,
    headerLine === undefined || headerLine === 1 ? undefined : `header on line ${headerLine}`,
    decimalSeparator === ',' ? 'decimal comma' : undefined,
    dateFormat === undefined || dateFormat === 'YYYY-MM-DD' ? undefined : `dates ${dateFormat}`,
    currency === undefined ? undefined : `amounts in ${currency}`,
    ...describeSkippedLines(format),
    describeUnknownColumns(format),
  ].filter((part) => part !== undefined);
}

function describeSkippedLines({
  skippedLines: { headers, totals } = { headers: 0, totals: 0 },
}: FormatSummary) {
  return [
    headers === 0 ? undefined : `skipped ${count(headers, 'repeated header')}`,
    totals === 0 ? undefined : `skipped ${count(totals, 'total line')}`,
  ];
}

function describeUnknownColumns({ unknownColumns = [] }: FormatSummary): string | undefined {
  if (unknownColumns.length === 0) return undefined;
  const shown = unknownColumns.slice(0, MOST_TITLES).join(', ');
  const more = unknownColumns.length > MOST_TITLES ? ` and ${unknownColumns.length - MOST_TITLES} more` : '';
  return `ignored columns: ${shown}${more}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
