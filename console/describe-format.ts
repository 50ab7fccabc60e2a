import { plural } from '../lambdas/core/plural.ts';
import type { FormatSummary } from '../lambdas/core/row-batch.ts';
import type { Verdict } from '../lambdas/core/verdict.ts';

const SYNTAXES = { NDJSON: 'JSON lines', XLSX: 'Excel workbook', ODS: 'OpenDocument workbook' } as const;
const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' } as const;

/** A finding about a file. A notice deserves attention: the file may not be what its sender meant. */
export interface Finding {
  readonly kind: 'fact' | 'notice';
  readonly text: string;
}

/** Says in sentences what was detected in a file. */
export function describeFormat(summary: FormatSummary): Finding[] {
  return [...describeShape(summary), ...describeNotations(summary), ...describeNotices(summary)];
}

/**
 * Says what is odd about the rows of a file that breaks no rule.
 * @param today the day where the reader is
 */
export function describeRows(
  { rowsRead, lastDay, format: { files } }: Pick<Verdict, 'rowsRead' | 'lastDay' | 'format'>,
  today: string,
  formatDay: (day: string) => string,
): Finding[] {
  return [
    ...(rowsRead === 0 && files === undefined
      ? [notice('The file has titles, but no rows below them. Export it again if the shop was open.')]
      : []),
    ...(lastDay !== null && lastDay > today
      ? [notice(`Rows are for a day that is still to come, ${formatDay(lastDay)}. Check the date.`)]
      : []),
  ];
}

function describeShape({
  syntax,
  compression,
  files,
  sheet,
  delimiter,
  encoding,
  headerLine,
}: FormatSummary) {
  const container = compression === undefined ? '' : ` in a ${compression} archive`;
  if (files !== undefined) {
    return [fact(`An archive of ${files} ${plural(files, 'file')}, each of which is a separate upload.`)];
  }
  const kind = syntax === undefined ? 'CSV file' : SYNTAXES[syntax];
  const values = delimiter === undefined ? '' : ` with values between ${DELIMITERS[delimiter]}`;
  return [
    fact(`${kind}${container}${values}.`),
    ...(sheet === undefined ? [] : [fact(`The rows are on the sheet “${sheet}”.`)]),
    ...(encoding === undefined ? [] : [fact(`Text encoding: ${encoding}.`)]),
    ...(headerLine === undefined || headerLine === 1 ? [] : [fact(`The titles are on line ${headerLine}.`)]),
  ];
}

function describeNotations({ decimalSeparator, dateFormat, currency, profile }: FormatSummary): Finding[] {
  const separators = { '.': 'a point', ',': 'a comma' };
  return [
    ...(dateFormat === undefined ? [] : [fact(`Dates are written as ${dateFormat}.`)]),
    ...(decimalSeparator === undefined
      ? []
      : [fact(`Amounts have ${separators[decimalSeparator]} before the cents.`)]),
    ...(currency === undefined ? [] : [fact(`The amounts are in ${currency}.`)]),
    ...(profile === undefined ? [] : [fact(`Read with the profile “${profile}” of the store.`)]),
  ];
}

function describeNotices({ unknownColumns, skippedLines, totals, manifest }: FormatSummary): Finding[] {
  const { headers = 0, totals: totalLines = 0 } = skippedLines ?? {};
  const skipped = [
    ...(headers > 0 ? [`${headers} repeated ${plural(headers, 'header')}`] : []),
    ...(totalLines > 0 ? [`${totalLines} ${plural(totalLines, 'line')} with totals`] : []),
  ];
  return [
    ...(unknownColumns === undefined || unknownColumns.length === 0
      ? []
      : [notice(`Columns that were not read: ${unknownColumns.map((title) => `“${title}”`).join(', ')}.`)]),
    ...(skipped.length === 0 ? [] : [fact(`Skipped: ${skipped.join(' and ')}.`)]),
    ...(totals === 'agree' ? [fact('The totals in the file agree with its rows.')] : []),
    ...(typeof totals === 'object'
      ? [
          notice(
            `The total on line ${totals.line} (${totals.column}) says ${totals.written}, but the rows add up to ${totals.rows}. Rows may be missing, or there twice.`,
          ),
        ]
      : []),
    ...(manifest === 'ignored'
      ? [notice('The list of calls in the file does not match its lines, so calls have no separate results.')]
      : []),
  ];
}

function fact(text: string): Finding {
  return { kind: 'fact', text };
}

function notice(text: string): Finding {
  return { kind: 'notice', text };
}
