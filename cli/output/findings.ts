import type { Findings } from '../../lambdas/core/row-batch.ts';

const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' } as const;
const MOST_TITLES = 10;

/** What was found out about a file, in words: only what is not as in a plain CSV. */
export function describeFindings(found: Findings): string[] {
  const { packing, encoding, delimiter, quote, lineEnd, headerLine, decimal, dates, currency } = found;
  return [
    packing,
    encoding === 'UTF-8' ? undefined : encoding,
    delimiter === undefined || delimiter === ',' ? undefined : `values between ${DELIMITERS[delimiter]}`,
    quote === "'" ? 'single quotes' : undefined,
    lineEnd === 'CR' ? 'lines that end with CR' : undefined,
    headerLine === undefined || headerLine === 1 ? undefined : `header on line ${headerLine}`,
    decimal === ',' ? 'decimal comma' : undefined,
    dates === undefined || dates === 'YYYY-MM-DD' ? undefined : `dates ${dates}`,
    currency === undefined ? undefined : `amounts in ${currency}`,
    ...describePassedOver(found),
    describeUnknownColumns(found),
  ].filter((part) => part !== undefined);
}

function describePassedOver({ passedOver: { headers, totals } = { headers: 0, totals: 0 } }: Findings) {
  return [
    headers === 0 ? undefined : `passed over ${count(headers, 'repeated header')}`,
    totals === 0 ? undefined : `passed over ${count(totals, 'total line')}`,
  ];
}

function describeUnknownColumns({ unknownColumns = [] }: Findings): string | undefined {
  if (unknownColumns.length === 0) return undefined;
  const shown = unknownColumns.slice(0, MOST_TITLES).join(', ');
  const more = unknownColumns.length > MOST_TITLES ? ` and ${unknownColumns.length - MOST_TITLES} more` : '';
  return `ignored columns: ${shown}${more}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
