import type { Results } from '../results.ts';
import { linesOf, PART_TITLES } from './lines.ts';
import { formatMarkdown } from './tables.ts';

type TableName = keyof typeof PART_TITLES | 'summary';

/** Lines that the summary has besides those of the throughput. */
const SUMMARY = [
  /^pipeline, put to complete/,
  /^(parser|consumer), [\d,]+ rows$/,
  /^(parser|consumer), loading$/,
  /^requests of 64 KB/,
];

/**
 * Puts the tables into a document: each between `<!-- bench: name -->` and `<!-- end of bench -->`.
 * @throws {Error} where a table has no name that is known
 */
export function fillDocument(text: string, results: Results): string {
  return text.replace(
    /(<!-- bench: (\w+) -->\n)[\s\S]*?(<!-- end of bench -->)/g,
    (_, start: string, name: string, end: string) => `${start}${tableOf(name, results)}\n${end}`,
  );
}

function tableOf(name: string, results: Results): string {
  if (!isTableName(name)) throw new Error(`there is no table "${name}"`);
  const all = linesOf(results);
  if (name !== 'summary') return formatMarkdown(all.filter(({ part }) => part === PART_TITLES[name]));
  return formatMarkdown(
    all
      .filter(({ part, what }) => part === PART_TITLES.throughput || SUMMARY.some((line) => line.test(what)))
      .map(({ basis: _, ...line }) => ({
        ...line,
        what: line.part === PART_TITLES.throughput ? line.what : `${line.part.toLowerCase()}: ${line.what}`,
      })),
  );
}

function isTableName(name: string): name is TableName {
  return name === 'summary' || Object.hasOwn(PART_TITLES, name);
}
